/** Sizes of pictures and patches as config.json gives them: one number, or height and width. */
import { z } from 'zod';
import { configError, type RawConfig, size } from './config.ts';

export const bothSizes = z
  .union([size, z.tuple([size, size])])
  .transform((value) =>
    typeof value === 'number' ? ([value, value] as const) : ([value[0], value[1]] as const),
  );

/**
 * How many patches a picture has along height and width.
 * @throws models/config-invalid where a picture is smaller than a patch
 */
export function patchesOf(
  config: RawConfig,
  image: readonly [number, number],
  patch: readonly [number, number],
): readonly [number, number] {
  const rows = Math.floor(image[0] / patch[0]);
  const columns = Math.floor(image[1] / patch[1]);
  if (rows > 0 && columns > 0) return [rows, columns];
  throw configError(
    config,
    `a picture of ${image.join(' x ')} is smaller than a patch of ${patch.join(' x ')}`,
    {
      image,
      patch,
    },
  );
}
