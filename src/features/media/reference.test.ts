import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readDataUri } from './data-uri.ts';
import { parseReference, splitReferences } from './reference.ts';

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

it('reads the bytes of any data: URI, in base64 or percent signs', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 1 }), (bytes) => {
      const percent = [...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
      for (const uri of [
        `data:image/png;base64,${Buffer.from(bytes).toString('base64')}`,
        `data:;base64,${encodeURIComponent(Buffer.from(bytes).toString('base64'))}`,
        `data:application/octet-stream,${percent}`,
      ]) {
        expect(readDataUri(uri, 1000)).toMatchObject({ ok: true, bytes: Buffer.from(bytes) });
      }
    }),
  );
});

it('takes an SVG as it is written in a page', () => {
  const outcome = readDataUri('data:image/svg+xml,<svg é%20/>', 100);
  expect(outcome.ok && Buffer.from(outcome.bytes).toString()).toBe('<svg é />');
});

it.each([
  ['data:image/png;base64', 'media/data-uri'],
  ['data:image/png;base64,A!A', 'media/data-uri'],
  ['data:,100%', 'media/data-uri'],
  ['data:image/png;base64,', 'media/empty'],
  [`data:,${'a'.repeat(101)}`, 'media/too-large'],
])('refuses %j', (uri, code) => {
  expect(readDataUri(uri, 100)).toMatchObject({ ok: false, code });
});
