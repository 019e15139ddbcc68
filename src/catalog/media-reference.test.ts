import { expect, it } from 'vitest';
import { mediaKindOf, parseReference, splitReferences } from './media-reference.ts';

it.each<[string, readonly string[]]>([
  ['', []],
  [' photos/1.jpg ', ['photos/1.jpg']],
  [
    '["https://a.example/1.jpg","https://a.example/2.jpg"]',
    ['https://a.example/1.jpg', 'https://a.example/2.jpg'],
  ],
  ['[]', []],
  ['[1].jpg', ['[1].jpg']],
  ['a.jpg|b.jpg| c d.jpg', ['a.jpg', 'b.jpg', 'c d.jpg']],
  ['a.jpg\nb.jpg\r\n', ['a.jpg', 'b.jpg']],
  ['https://a.example/1.jpg,https://b.example/2.jpg', ['https://a.example/1.jpg', 'https://b.example/2.jpg']],
  ['https://a.example/1.jpg; https://b.example/2', ['https://a.example/1.jpg', 'https://b.example/2']],
  ['https://cdn.example/w_400,h_300/1.jpg', ['https://cdn.example/w_400,h_300/1.jpg']],
  ['//cdn.example/1.jpg?v=1,//cdn.example/2.jpg?v=2', ['//cdn.example/1.jpg?v=1', '//cdn.example/2.jpg?v=2']],
  ['front.jpg, back.jpg', ['front.jpg', 'back.jpg']],
  ['red, blue.jpg', ['red, blue.jpg']],
  ['data:image/png;base64,AAAA', ['data:image/png;base64,AAAA']],
  ['data:,a|https://a.example/1.jpg', ['data:,a', 'https://a.example/1.jpg']],
])('divides %j', (cell, expected) => {
  expect(splitReferences(cell)).toEqual(expected);
});

it('tells files, members, addresses and data apart', () => {
  expect(parseReference('a/b#1.jpg')).toEqual({ kind: 'file', path: 'a/b#1.jpg' });
  expect(parseReference('C:\\photos\\1.jpg')).toEqual({ kind: 'file', path: 'C:\\photos\\1.jpg' });
  expect(parseReference('a/b.tar.gz#c/d.jpg')).toEqual({
    kind: 'member',
    archive: 'a/b.tar.gz',
    member: 'c/d.jpg',
  });
  expect(parseReference('HTTPS://a.example/b.zip#c')).toEqual({
    kind: 'url',
    url: 'HTTPS://a.example/b.zip#c',
  });
  expect(parseReference('//cdn.example/b.jpg?v=1')).toEqual({
    kind: 'url',
    url: 'https://cdn.example/b.jpg?v=1',
  });
  expect(parseReference('//server/b.jpg')).toEqual({ kind: 'file', path: '//server/b.jpg' });
  expect(parseReference('ftp://a.example/b').kind).toBe('url');
  expect(parseReference('data:,x').kind).toBe('data');
});

it.each([
  ['photos/1.JPG', 'image'],
  ['photos.zip#a/1.webp', 'image'],
  ['https://a.example/1.png?v=2', 'image'],
  ['https://a.example/1.png/large', undefined],
  ['photos/1_*.jpg', 'image'],
  ['data:image/png;base64,AAAA', 'image'],
  ['data:audio/wav;base64,AAAA', 'audio'],
  ['data:text/plain,a.jpg', undefined],
  ['clips/1.wav', 'audio'],
  ['a red shirt', undefined],
])('tells by its ending what %j names', (reference, kind) => {
  expect(mediaKindOf(reference)).toBe(kind);
});
