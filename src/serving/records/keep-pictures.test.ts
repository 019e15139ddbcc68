import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { PictureName, PictureWrite } from '../../store/pictures.ts';
import { PictureKeeper } from './keep-pictures.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

it('makes a copy of each picture, and tries what is no picture once, whichever product has it', async () => {
  const kept: PictureWrite[] = [];
  const tried: string[] = [];
  const pictures = {
    missing: async (ids: readonly string[]): Promise<readonly PictureName[]> =>
      ids
        .flatMap((productId) => ['red', 'noise'].map((text) => ({ productId, contentHash: sha256(text) })))
        .filter((one) => !kept.some((copy) => copy.contentHash === one.contentHash)),
    keep: async (list: readonly PictureWrite[]) => void kept.push(...list),
    get: async () => undefined,
    of: async () => [],
  };
  const keeper = new PictureKeeper(
    { pictures },
    {
      make: async (bytes) => {
        tried.push(Buffer.from(bytes).toString());
        return tried.at(-1) === 'noise' ? undefined : bytes;
      },
      most: 10,
    },
  );
  const product = (id: string) => ({
    ...{ id, texts: {} },
    media: { cells: { photo: [Buffer.from('red'), Buffer.from('noise'), 'a/path.jpg'] } },
  });
  await keeper.keep([product('a')]);
  await keeper.keep([product('a'), product('b')]);
  expect(tried).toEqual(['red', 'noise']);
  expect(kept.map(({ contentHash }) => contentHash)).toEqual([sha256('red')]);
});
