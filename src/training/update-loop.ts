/** The optimiser's graph of one parameter group as a loop: gradients in; values, moments and averages changed in place. */
import { input, multiply, parameter } from '../graph/builder.ts';
import { ElementwiseLoop } from '../graph/loop/elementwise-loop.ts';
import type { Tensor } from '../graph/tensor.ts';
import {
  clipFactor,
  movingAverage,
  type OptimizerConfig,
  type ParameterGroup,
  update,
} from './optimizers.ts';

/** The slots of the parameter itself and of its moving average; the others are the optimiser's. */
export const VALUE = 'value';
export const AVERAGE = 'average';
const GRADIENT = 'gradient';
/** The loop takes arrays of any length; the graph needs some shape. */
const SHAPE = [1];

export type UpdateConfig = {
  readonly optimizer: OptimizerConfig;
  readonly clipNorm: number | undefined;
  readonly averageDecay: number | undefined;
};

export type UpdateNumbers = {
  /** Of this step, schedule applied. */
  readonly learningRate: number;
  /** 1 at the first update. */
  readonly step: number;
  /** Of all gradients together; needed where they are clipped. */
  readonly gradientNorm: number | undefined;
};

export class UpdateLoop {
  readonly #loop: ElementwiseLoop;
  /** Slot -> the loop's name for it. */
  readonly #slots: ReadonlyMap<string, string>;

  constructor(group: ParameterGroup, { optimizer, clipNorm, averageDecay }: UpdateConfig) {
    const raw = input(GRADIENT, 'float32', SHAPE);
    const gradient =
      clipNorm === undefined
        ? raw
        : multiply(raw, clipFactor(input('gradientNorm', 'float32', []), clipNorm));
    const clock = { learningRate: input('learningRate', 'float32', []), step: input('step', 'float32', []) };
    const next = update(optimizer, parameter(VALUE, SHAPE), gradient, clock, group);
    const slots = new Map([[VALUE, VALUE]]);
    const becomes: Record<string, Tensor> = { [VALUE]: next.parameter };
    for (const [slot, state] of Object.entries(next.state)) {
      const name = state.current.node.attributes.name as string;
      slots.set(slot, name);
      becomes[name] = state.next;
    }
    if (averageDecay !== undefined) {
      slots.set(AVERAGE, AVERAGE);
      becomes[AVERAGE] = movingAverage(parameter(AVERAGE, SHAPE), next.parameter, averageDecay);
    }
    this.#loop = new ElementwiseLoop(becomes);
    this.#slots = slots;
  }

  /**
   * One update of one parameter.
   * @param gradient - by the parameter; @param read - a slot's array, which is written in place
   */
  run(
    { learningRate, step, gradientNorm }: UpdateNumbers,
    gradient: Float32Array,
    read: (slot: string) => Float32Array,
  ): void {
    const arrays: Record<string, Float32Array> = { [GRADIENT]: gradient };
    for (const [slot, name] of this.#slots) arrays[name] = read(slot);
    this.#loop.run({ learningRate, step, ...(gradientNorm === undefined ? {} : { gradientNorm }) }, arrays);
  }
}
