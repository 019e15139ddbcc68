/** What a command that opens a model in eight bits says first. */
import { type Progress, silent } from '../base/progress.ts';
import type { ReadBundle } from '../prediction/bundle.ts';
import { eightBitNote } from '../prediction/eight-bit-note.ts';
import type { Precision } from '../prediction/precision.ts';

/** Warns where `int8` was asked for and changes nothing. */
export function tellPrecision(
  { file }: Pick<ReadBundle, 'file'>,
  precision: Precision | undefined,
  progress: Progress = silent,
): void {
  const text = eightBitNote(file.model, precision);
  if (text !== undefined) progress({ kind: 'warning', text });
}
