/**
 * The one table of tensors: which inputs a model reads and which outputs it gives, as the Open Inference Protocol names them.
 *
 * n products. Inputs: each text field BYTES [n, 1], an empty string is missing; each picture or sound BYTES [n, 1], the bytes of its
 * file (base64 in JSON); each number FP32 [n, 1], finite, NaN (null in JSON) is missing; categories and dates BYTES [n, 1]; the category BYTES
 * [n, 1]. Outputs of each attribute: the value BYTES [n, 1] (several as a JSON array, empty when none), or FP32 [n, 1] of a number (NaN
 * when none); `.confidence` FP32 [n, 1] in [0, 1]; `.status` BYTES [n, 1]; `.span` INT32 [n, 2], the first place of the value
 * in UTF-16 units, -1 -1 when none.
 */
import type { Predictor } from '../../prediction/prediction.ts';
import type { Datatype } from '../api/inference.ts';

export type InputKind = 'text' | 'file' | 'number' | 'cell' | 'category';
export type OutputPart = 'value' | 'confidence' | 'status' | 'span';

export type Input = { readonly name: string; readonly kind: InputKind; readonly datatype: Datatype };
export type Output = {
  readonly name: string;
  readonly attribute: string;
  readonly part: OutputPart;
  readonly datatype: Datatype;
  /** Numbers of one product. */
  readonly width: 1 | 2;
};

const CATEGORY = 'category';

export function inputsOf({
  fields,
  mediaFields = [],
  tableFields = [],
  numberFields = [],
}: Predictor): Input[] {
  const inputs: Input[] = [
    ...fields.map((name) => ({ name, kind: 'text', datatype: 'BYTES' }) as const),
    ...mediaFields.map(({ name }) => ({ name, kind: 'file', datatype: 'BYTES' }) as const),
    ...tableFields.map((name) =>
      numberFields.includes(name)
        ? ({ name, kind: 'number', datatype: 'FP32' } as const)
        : ({ name, kind: 'cell', datatype: 'BYTES' } as const),
    ),
  ];
  if (inputs.every(({ name }) => name !== CATEGORY))
    inputs.push({ name: CATEGORY, kind: 'category', datatype: 'BYTES' });
  return inputs;
}

export function outputsOf({ attributes }: Predictor): Output[] {
  return attributes.flatMap(({ name, kind }): Output[] => [
    { name, attribute: name, part: 'value', datatype: kind === 'number' ? 'FP32' : 'BYTES', width: 1 },
    { name: `${name}.confidence`, attribute: name, part: 'confidence', datatype: 'FP32', width: 1 },
    { name: `${name}.status`, attribute: name, part: 'status', datatype: 'BYTES', width: 1 },
    { name: `${name}.span`, attribute: name, part: 'span', datatype: 'INT32', width: 2 },
  ]);
}
