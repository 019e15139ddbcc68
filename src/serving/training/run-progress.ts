/** How far a training is, read from the log that it writes; only what was added is read again. */
import { open } from 'node:fs/promises';
import type { RunDetail } from '../api/training.ts';
import { type RunEvent, runEventSchema } from './run-event.ts';

type Curve = RunDetail['curves'][number];
type Told = Extract<RunEvent, { readonly event: 'finished' | 'stopped' | 'failed' }>;

export type Progress = Pick<
  RunDetail,
  'stage' | 'step' | 'steps' | 'devScore' | 'curves' | 'plan' | 'warnings' | 'figures' | 'gates'
> & {
  /** How it says that it ended, if it does. */
  readonly end: Told | undefined;
};

/** Points that a curve keeps; beyond it neighbours become one. */
const MOST_POINTS = 600;
const CHUNK_BYTES = 256 * 1024;

export class RunProgress {
  readonly #file: string;
  #read = 0;
  #end: Told | undefined;
  #stage: string | null = null;
  #plan: Extract<RunEvent, { readonly event: 'plan' }> | undefined;
  readonly #warnings: string[] = [];
  readonly #curves = new Map<string, GrowingCurve>();
  #turn: Promise<unknown> = Promise.resolve();

  /** @param file - need not be there yet */
  constructor(file: string) {
    this.#file = file;
  }

  /** As of now. */
  now(): Promise<Progress> {
    const turn = this.#turn.then(async () => {
      await this.#catchUp();
      return this.#told();
    });
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #catchUp(): Promise<void> {
    const handle = await open(this.#file, 'r').catch(() => undefined);
    if (handle === undefined) return;
    try {
      const decoder = new TextDecoder();
      let buffer = Buffer.alloc(CHUNK_BYTES);
      for (;;) {
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#read);
        if (bytesRead === 0) return;
        // Up to the last whole line: what follows is read again when it is whole.
        const end = buffer.subarray(0, bytesRead).lastIndexOf('\n') + 1;
        if (end === 0) {
          if (bytesRead < buffer.length) return;
          buffer = Buffer.alloc(2 * buffer.length);
          continue;
        }
        this.#read += end;
        for (const line of decoder.decode(buffer.subarray(0, end)).split('\n')) this.#take(line);
      }
    } finally {
      await handle.close();
    }
  }

  #take(line: string): void {
    const event = eventIn(line);
    if (event === undefined) return;
    switch (event.event) {
      case 'started':
        this.#end = undefined;
        this.#warnings.length = 0;
        // A run that begins anew has nothing of what it did before.
        if (!event.resumed) this.#curves.clear();
        break;
      case 'plan':
        this.#plan = event;
        this.#warnings.push(...event.warnings);
        break;
      case 'stage':
        this.#stage = event.stage;
        break;
      case 'warning':
        this.#warnings.push(event.text);
        break;
      case 'step':
        this.#curve(event.model).step(event.step, event.loss);
        break;
      case 'epoch':
        this.#curve(event.model).epoch(event);
        break;
      case 'finished':
      case 'stopped':
      case 'failed':
        this.#end = event;
        break;
    }
  }

  #curve(model: string | undefined): GrowingCurve {
    const name = model ?? '';
    const curve = this.#curves.get(name) ?? new GrowingCurve(model ?? null);
    this.#curves.set(name, curve);
    return curve;
  }

  #told(): Progress {
    const curves = [...this.#curves.values()];
    const scores = curves.flatMap(({ epochs }) => epochs.flatMap(({ devScore }) => devScore ?? []));
    const finished = this.#end?.event === 'finished' ? this.#end : undefined;
    const plan = this.#plan;
    return {
      stage: this.#stage,
      step: curves.reduce((sum, { steps }) => sum + steps, 0),
      steps: plan?.steps ?? null,
      devScore: scores.length === 0 ? null : Math.max(...scores),
      curves: curves.map((curve) => curve.drawn()),
      plan:
        plan === undefined
          ? null
          : {
              products: plan.products,
              rejected: plan.rejected,
              start: plan.start,
              parameters: plan.parameters,
              memory: plan.memory,
            },
      warnings: [...this.#warnings],
      figures: finished?.figures ?? [],
      gates: finished?.gates ?? [],
      end: this.#end,
    };
  }
}

class GrowingCurve {
  readonly model: string | null;
  /** The last one done. */
  steps = 0;
  epochs: Curve['epochs'] = [];
  /** The last step of a group, the sum of its losses, how many they are. */
  #groups: { step: number; sum: number; count: number }[] = [];
  /** Steps that one point stands for. */
  #size = 1;

  constructor(model: string | null) {
    this.model = model;
  }

  step(step: number, loss: number): void {
    // A resumed run repeats what was done after its last save.
    if (step <= this.steps) {
      this.#groups = this.#groups.filter((group) => group.step < step);
      this.epochs = this.epochs.filter((epoch) => epoch.step < step);
    }
    this.steps = step;
    const last = this.#groups.at(-1);
    if (last !== undefined && last.count < this.#size)
      Object.assign(last, { step, sum: last.sum + loss, count: last.count + 1 });
    else this.#groups.push({ step, sum: loss, count: 1 });
    if (this.#groups.length >= 2 * MOST_POINTS) this.#halve();
  }

  epoch({ epoch, trainLoss, devScore, attributes }: Extract<RunEvent, { readonly event: 'epoch' }>): void {
    const ended = { epoch, step: this.steps, trainLoss, devScore: devScore ?? null, attributes };
    this.epochs = [...this.epochs.filter((one) => one.epoch < epoch), ended];
  }

  drawn(): Curve {
    const loss = this.#groups.map(({ step, sum, count }): [number, number] => [step, sum / count]);
    return { model: this.model, loss, epochs: this.epochs };
  }

  #halve(): void {
    this.#size *= 2;
    this.#groups = this.#groups.flatMap((group, i, all) => {
      if (i % 2 === 1) return [];
      const next = all[i + 1];
      if (next === undefined) return [group];
      return [{ step: next.step, sum: group.sum + next.sum, count: group.count + next.count }];
    });
  }
}

/** Undefined for what is no line of ours, such as one that a killed process left half written. */
function eventIn(line: string): RunEvent | undefined {
  if (line === '') return undefined;
  try {
    return runEventSchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
