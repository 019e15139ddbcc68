/**
 * Embeddings of short product texts: ours in fp32 and int8 beside sentence-transformers (fp32, bf16) and
 * transformers.js (fp32, q8), all with every core, in turn; and what int8 costs in quality.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Embedder } from '../src/prediction/embed.ts';
import { beside, type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { type Contender, inTurn, type Json, Peer } from './runner/peer.ts';

export const OPTIONS: OwnOptions = {
  checkpoint: 'folder of all-MiniLM-L6-v2 (needed)',
  transformersjs: 'folder in which @huggingface/transformers is installed: it runs beside ours',
  onnx: 'the checkpoint in the layout of transformers.js; made with --python (needs onnx, onnxruntime) when left out',
  texts: 'how many texts (default 2000)',
  rounds: 'counted rounds (default 5)',
};

const PEERS = resolve('bench/peers');
/** A side that would take longer for all texts is timed on every k-th one. */
const SECONDS_A_TURN = 6;
const PROBE = 48;
/** Texts that a side does before it is timed. */
const WARM = 8;
/** Texts whose vectors are compared with ours, to know that the peer computes the same. */
const COMPARED = 32;

type Row = { readonly text: string; readonly category: string };
type Side = Contender & { readonly close: () => Promise<void> | void };

export async function run(options: BenchOptions): Promise<readonly Figure[]> {
  const { checkpoint } = options.own;
  if (checkpoint === undefined) throw new Error('bench embed needs --checkpoint FOLDER (all-MiniLM-L6-v2).');
  const rows = readRows(options.data, Number(options.own.texts ?? 2000));
  const texts = rows.map(({ text }) => text);
  const threads = availableParallelism();
  const fp32 = await Embedder.open({ checkpoint, precision: 'fp32', threads });
  const int8 = await Embedder.open({ checkpoint, precision: 'int8', threads });
  const exact = await vectorsOf(fp32, texts);
  const rounded = await vectorsOf(int8, texts);
  const scratch = mkdtempSync(join(tmpdir(), 'attune-embed-'));
  const peers: Side[] = [];
  try {
    peers.push(...(await sentenceTransformers(options, checkpoint, texts, threads, exact)));
    peers.push(...(await transformersJs(options, checkpoint, texts, threads, exact, scratch)));
    const ours = [await ourSide('fp32', fp32, texts), await ourSide('int8', int8, texts)];
    // Ours before each library, so that both see the machine in the same mood.
    const order =
      peers.length === 0 ? ours : peers.flatMap((peer, i) => (i % 2 === 0 ? [...ours, peer] : [peer]));
    const values = await inTurn(order, Number(options.own.rounds ?? 5));
    const of = (name: string) => median(values.get(name)!);
    const speed = ['fp32', 'int8'].flatMap((precision): Figure[] => {
      const name = `embed ${precision}`;
      const beaten = peers.filter((peer) => precision === 'int8' || peer.name.endsWith('fp32'));
      return beaten.length === 0
        ? [{ name, value: of(precision), unit: 'texts/s' }]
        : beaten.map((peer) =>
            beside(name, 'texts/s', of(precision), { name: peer.name, value: of(peer.name) }),
          );
    });
    return [...speed, ...quality(rows, exact, rounded)];
  } finally {
    for (const side of peers) await side.close();
    await Promise.all([fp32.close(), int8.close()]);
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Titles of AE-110K and OA-Mine, evenly taken. */
function readRows(data: string, count: number): Row[] {
  const all = ['ae-110k', 'oa-mine'].flatMap((name) =>
    readFileSync(join(data, 'extractgpt', name, 'train.jsonl'), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { input: string; category: string })
      .map(({ input, category }) => ({ text: input, category: `${name} ${category}` })),
  );
  return everyKth(all, count);
}

function everyKth<T>(items: readonly T[], count: number): T[] {
  if (count >= items.length) return [...items];
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count)]!);
}

async function vectorsOf(embedder: Embedder, texts: readonly string[]): Promise<Float32Array[]> {
  const vectors: Float32Array[] = [];
  for await (const part of embedder.embed(texts)) vectors.push(...part);
  return vectors;
}

async function ourSide(name: string, embedder: Embedder, texts: readonly string[]): Promise<Contender> {
  const rate = async (used: readonly string[]) => {
    const start = performance.now();
    await vectorsOf(embedder, used);
    return (used.length / (performance.now() - start)) * 1000;
  };
  const speed = await rate(everyKth(texts, 4 * PROBE));
  const used = everyKth(texts, Math.max(4 * PROBE, Math.floor(speed * SECONDS_A_TURN)));
  return { name, once: () => rate(used) };
}

async function sentenceTransformers(
  { python, say }: BenchOptions,
  checkpoint: string,
  texts: readonly string[],
  threads: number,
  exact: readonly Float32Array[],
): Promise<Side[]> {
  if (python === undefined) {
    say('sentence-transformers is missing: give --python.');
    return [];
  }
  const peer = Peer.start(python, [join(PEERS, 'embed.py')], { threads });
  const sides: Side[] = [];
  for (const precision of ['fp32', 'bf16']) {
    await peer.ask({ load: resolve(checkpoint), precision, threads });
    sides.push(await sideOf(peer, 'sentence-transformers', precision, [32, 64], texts, exact, say));
  }
  return sides;
}

async function transformersJs(
  { python, own, say }: BenchOptions,
  checkpoint: string,
  texts: readonly string[],
  threads: number,
  exact: readonly Float32Array[],
  scratch: string,
): Promise<Side[]> {
  const installed = own.transformersjs;
  if (installed === undefined) {
    say('transformers.js is missing: give --transformersjs.');
    return [];
  }
  let model = own.onnx;
  if (model === undefined && python !== undefined) {
    model = join(scratch, 'model');
    try {
      const script = join(PEERS, 'embed-export.py');
      execFileSync(python, [script, resolve(checkpoint), model], { stdio: ['ignore', 'ignore', 'pipe'] });
    } catch (error) {
      say(`The export for transformers.js failed: ${(error as Error).message.trim().split('\n').at(-1)}`);
    }
  }
  if (model === undefined || !existsSync(join(model, 'onnx', 'model_quantized.onnx'))) {
    say('transformers.js is missing its model: give --onnx, or --python with onnx and onnxruntime.');
    return [];
  }
  const peer = Peer.start(process.execPath, [join(PEERS, 'embed-transformersjs.mjs'), resolve(installed)]);
  const sides: Side[] = [];
  for (const precision of ['fp32', 'q8']) {
    await peer.ask({ load: resolve(model), precision, threads });
    sides.push(await sideOf(peer, 'transformers.js', precision, [1, 8, 16, 32], texts, exact, say));
  }
  return sides;
}

/** A peer at its fastest batch size, on as many texts as it does in a turn. */
async function sideOf(
  peer: Peer,
  library: string,
  precision: string,
  batches: readonly number[],
  texts: readonly string[],
  exact: readonly Float32Array[],
  say: (text: string) => void,
): Promise<Side> {
  const name = `${library} ${precision}`;
  const probe = everyKth(texts, PROBE);
  const tried: { batch: number; speed: number }[] = [];
  for (const batch of batches) {
    await peer.ask({ precision, batch, sample: 0, texts: probe.slice(0, WARM) });
    const { seconds } = await peer.ask({ precision, batch, sample: 0, texts: probe });
    tried.push({ batch, speed: probe.length / (seconds as number) });
  }
  const { batch, speed } = tried.reduce((a, b) => (b.speed > a.speed ? b : a));
  const used = everyKth(texts, Math.max(PROBE, Math.floor(speed * SECONDS_A_TURN)));
  const check = await peer.ask({ precision, batch, sample: COMPARED, texts: texts.slice(0, COMPARED) });
  const cosines = (check.sample as number[][]).map((vector, i) => cosine(vector, exact[i]!));
  say(
    `${name}: batches of ${batch}, ${used.length} texts a turn, cosine to ours at least ${Math.min(...cosines).toFixed(5)}`,
  );
  return {
    name,
    once: async () => {
      const reply: Json = await peer.ask({ precision, batch, sample: 0, texts: used });
      return used.length / (reply.seconds as number);
    },
    close: () => peer.close(),
  };
}

/** How near int8 is to fp32, and what it costs where the nearest neighbour's category is the answer. */
function quality(
  rows: readonly Row[],
  exact: readonly Float32Array[],
  rounded: readonly Float32Array[],
): Figure[] {
  const cosines = exact.map((vector, i) => cosine(vector, rounded[i]!));
  return [
    {
      name: 'int8 to fp32, mean',
      value: cosines.reduce((a, b) => a + b, 0) / cosines.length,
      unit: 'cosine',
    },
    { name: 'int8 to fp32, least', value: cosines.reduce((a, b) => Math.min(a, b)), unit: 'cosine' },
    { name: 'category of the nearest, fp32', value: 100 * nearestAgrees(rows, exact), unit: 'micro-F1' },
    { name: 'category of the nearest, int8', value: 100 * nearestAgrees(rows, rounded), unit: 'micro-F1' },
  ];
}

/** The share of rows whose nearest other row is of their category. */
function nearestAgrees(rows: readonly Row[], vectors: readonly Float32Array[]): number {
  const right = vectors.filter((vector, i) => {
    let best = -1;
    let closest = Number.NEGATIVE_INFINITY;
    vectors.forEach((other, j) => {
      const near = j === i ? Number.NEGATIVE_INFINITY : dot(vector, other);
      if (near > closest) {
        closest = near;
        best = j;
      }
    });
    return rows[i]!.category === rows[best]!.category;
  });
  return right.length / vectors.length;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i]! * b[i]!;
  return total;
}

function cosine(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}
