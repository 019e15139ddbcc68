import { expect, it } from 'vitest';
import { changeReader } from './change.ts';

const read = changeReader({ fields: ['title'], mediaFields: [{ name: 'photo', kind: 'image' }] });
const cellsOf = (photo: unknown) =>
  read(Buffer.from(JSON.stringify({ id: 'p1', title: 'Coat', photo }))).product!.input.media!.cells.photo!;
const PICTURE = Buffer.from('the bytes of a picture');

it('pictures of a change are bytes in base64, data URIs, and addresses', () => {
  const base64 = PICTURE.toString('base64');
  const wrapped = `${base64.slice(0, 8)}\r\n${base64.slice(8)}`;
  for (const given of [base64, wrapped, `data:image/png;base64,${base64}`, PICTURE.toString('base64url')])
    expect(cellsOf(given), given).toEqual([PICTURE]);
  expect(cellsOf(['https://shop.example/a.png'])).toEqual(['https://shop.example/a.png']);
});

it('a path, or an address that nobody fetches, is refused with the name of its field', () => {
  for (const given of [
    'photos/a.jpg',
    '/etc/passwd.png',
    'C:\\a.png',
    'file:///a.png',
    's3://shop/a.png',
    'data:,hello!',
  ])
    expect(() => cellsOf(given), given).toThrow(
      expect.objectContaining({
        code: 'serving/invalid-request',
        message: expect.stringMatching(/^"photo" of the change is "/),
        details: { field: 'photo' },
      }),
    );
});
