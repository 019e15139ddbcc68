import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readDataUri } from './data-uri.ts';

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
