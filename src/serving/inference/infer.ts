/** From tensors to products, and from predictions to tensors. */
import { AttuneError, closest } from '../../base/errors.ts';
import type { Predictor, ProductPrediction } from '../../prediction/prediction.ts';
import type { InferRequest, InputTensor, OutputTensor } from '../api/inference.ts';
import type { ProductBody } from '../api/predict.ts';
import type { RequestErrorCode } from '../errors.ts';
import { bytesOfInputs, readElements, readFloats } from './binary.ts';
import { type Input, inputsOf, type Output, outputsOf } from './tensor-table.ts';

/**
 * The products of a request, as the friendly layer takes them.
 * @param bytes - what follows the JSON
 * @throws AttuneError `serving/invalid-request` naming the input; `serving/too-many-products`
 */
export function productsOf(
  request: InferRequest,
  bytes: Buffer,
  predictor: Predictor,
  maxProducts: number,
): readonly ProductBody[] {
  const known = inputsOf(predictor);
  const parts = bytesOfInputs(request, bytes);
  const count = request.inputs[0]!.shape[0] ?? 0;
  if (count > maxProducts)
    throw new AttuneError<RequestErrorCode>(
      'serving/too-many-products',
      `One call takes ${maxProducts} products. Got ${count}.`,
      { hint: 'Send them in several calls.' },
    );
  const products: Record<string, unknown>[] = Array.from({ length: count }, () => ({ texts: {} }));
  const seen = new Set<string>();
  request.inputs.forEach((tensor, i) => {
    const input = known.find(({ name }) => name === tensor.name);
    if (input === undefined) throw unknown('input', tensor.name, known);
    if (seen.has(tensor.name)) throw faulty(`The input "${tensor.name}" is given twice.`);
    seen.add(tensor.name);
    if (tensor.datatype !== input.datatype)
      throw faulty(`The input "${tensor.name}" must be ${input.datatype}. Got ${tensor.datatype}.`);
    if (tensor.shape.length !== 2 || tensor.shape[0] !== count || tensor.shape[1] !== 1)
      throw faulty(
        `The input "${tensor.name}" must have the shape [${count}, 1]. Got [${tensor.shape.join(', ')}].`,
      );
    const values = valuesOf(tensor, input, parts[i]);
    if (values.length !== count)
      throw faulty(`The input "${tensor.name}" has ${values.length} elements; its shape says ${count}.`);
    const infinite = values.find((value) => Math.abs(Number(value)) === Number.POSITIVE_INFINITY);
    if (input.kind === 'number' && infinite !== undefined)
      throw faulty(
        `The input "${tensor.name}" must hold finite numbers, or NaN where one is missing. Got ${infinite}.`,
      );
    values.forEach((value, row) => {
      put(products[row]!, input, value);
    });
  });
  return products as readonly ProductBody[];
}

type Value = string | number | undefined;

function valuesOf(tensor: InputTensor, { kind, datatype, name }: Input, bytes: Buffer | undefined): Value[] {
  if (bytes !== undefined) {
    if (datatype === 'FP32') return readFloats(bytes, name);
    return readElements(bytes, name).map((element) => element.toString(kind === 'file' ? 'base64' : 'utf8'));
  }
  if (tensor.data === undefined) throw faulty(`The input "${name}" has no data.`);
  return tensor.data.flat().map((value) => {
    if (value === null) return undefined;
    if (typeof value === (datatype === 'FP32' ? 'number' : 'string')) return value as string | number;
    throw faulty(
      `The input "${name}" must hold ${datatype === 'FP32' ? 'numbers' : 'texts'}. Got ${JSON.stringify(value).slice(0, 60)}.`,
    );
  });
}

function put(product: Record<string, unknown>, { name, kind }: Input, value: Value): void {
  if (value === undefined || value === '' || Number.isNaN(value)) return;
  if (kind === 'text') (product.texts as Record<string, unknown>)[name] = value;
  else product[name] = value;
}

/**
 * The outputs that a request asks for; all where it asks for none.
 * @throws AttuneError `serving/invalid-request` naming the output
 */
export function wantedOutputs({ outputs }: InferRequest, predictor: Predictor): readonly Output[] {
  const known = outputsOf(predictor);
  if (outputs === undefined || outputs.length === 0) return known;
  return outputs.map(({ name }) => {
    const output = known.find((one) => one.name === name);
    if (output === undefined) throw unknown('output', name, known);
    return output;
  });
}

export function tensorsOf(
  predictions: readonly ProductPrediction[],
  outputs: readonly Output[],
): OutputTensor[] {
  return outputs.map((output) => ({
    name: output.name,
    shape: [predictions.length, output.width],
    datatype: output.datatype,
    data: predictions.flatMap((prediction) => elementsOf(prediction, output)),
  }));
}

function elementsOf(
  prediction: ProductPrediction,
  { attribute, part, datatype }: Output,
): (string | number | null)[] {
  const said = prediction.attributes[attribute];
  if (part === 'confidence') return [said?.confidence ?? 0];
  if (part === 'status') return [said?.status ?? 'abstain'];
  if (part === 'span') return [said?.evidence[0]?.start ?? -1, said?.evidence[0]?.end ?? -1];
  const value = said?.value ?? null;
  if (datatype === 'FP32') return [typeof value === 'number' ? value : null];
  return [value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value)];
}

function unknown(
  what: 'input' | 'output',
  name: string,
  known: readonly { readonly name: string }[],
): AttuneError<RequestErrorCode> {
  const names = known.map((one) => one.name);
  const near = closest(name.slice(0, 100), names);
  return new AttuneError('serving/invalid-request', `The model has no ${what} "${name.slice(0, 100)}".`, {
    hint: near === undefined ? `It has: ${names.join(', ')}.` : `Did you mean "${near}"?`,
  });
}

function faulty(message: string): AttuneError<RequestErrorCode> {
  return new AttuneError('serving/invalid-request', message);
}
