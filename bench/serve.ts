/**
 * Requests a second, and how long they take, at 1, 16 and 64 kept-alive connections with short titles of products: a model over
 * all-MiniLM-L6-v2 behind `attune serve`, cold and from memory, and two models at once; beside it, in turn, the same encoder with a
 * head of as many values behind FastAPI + onnxruntime, and behind Fastify + transformers.js; all in fp32, or all in int8.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beside, type Figure, median } from './runner/figure.ts';
import type { BenchOptions, OwnOptions } from './runner/options.ts';
import { type Measured, measure } from './serving/load.ts';
import { readTitles, trainModel } from './serving/model.ts';
import { type Service, startOurs, startPeer } from './serving/service.ts';

export const OPTIONS: OwnOptions = {
  checkpoint: 'folder of all-MiniLM-L6-v2 (needed)',
  model: 'a bundle that reads `title`, in place of one trained here',
  transformersjs: 'folder in which @huggingface/transformers is installed: it runs beside ours',
  seconds: 'of each measurement (default 10)',
  rounds: 'measurements of each, in turn (default 3)',
  connections: 'such as 1,16,64 (the default)',
  precision: 'of every side: fp32 (the default) or int8',
};

const PEERS = resolve('bench/peers');
const CACHED_TITLES = 100;

export async function run(options: BenchOptions): Promise<readonly Figure[]> {
  const { checkpoint } = options.own;
  if (checkpoint === undefined) throw new Error('bench serve needs --checkpoint FOLDER (all-MiniLM-L6-v2).');
  const precision = options.own.precision ?? 'fp32';
  const start = (models: Readonly<Record<string, string>>) =>
    startOurs(models, ['--precision', precision], { name: `attune ${precision}` });
  const titles = readTitles(options.data);
  const scratch = mkdtempSync(join(tmpdir(), 'attune-serve-'));
  const services: Service[] = [];
  try {
    const model = options.own.model ?? (await trainModel(scratch, resolve(checkpoint), titles));
    const ours = await start({ one: model });
    services.push(ours);
    const peers = await startPeers(options, { precision, checkpoint: resolve(checkpoint), scratch });
    services.push(...peers);
    const figures: Figure[] = [];
    for (const connections of (options.own.connections ?? '1,16,64').split(',').map(Number)) {
      const cold = await inTurn([ours, ...peers], options, { connections, titles, cold: true });
      figures.push(...compared(`cold, ${connections}`, cold, ours, peers));
      const cached = await inTurn([ours], options, {
        connections,
        titles: titles.slice(0, CACHED_TITLES),
        cold: false,
      });
      figures.push(...compared(`cached, ${connections}`, cached, ours, []));
    }
    await ours.stop();
    const two = await start({ one: model, other: model });
    services.push(two);
    const both = await inTurn([two], options, { connections: 64, titles, cold: true });
    figures.push(...compared('two models, cold, 64', both, two, []));
    return figures;
  } finally {
    for (const service of services) if (service.process.exitCode === null) await service.stop();
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function startPeers(
  { python, own, say }: BenchOptions,
  { precision, checkpoint, scratch }: Readonly<Record<'precision' | 'checkpoint' | 'scratch', string>>,
): Promise<Service[]> {
  if (python === undefined) {
    say(
      'The peers are missing: give --python with torch, transformers, onnx, onnxruntime, fastapi, uvicorn.',
    );
    return [];
  }
  const exported = join(scratch, 'onnx');
  execFileSync(python, [join(PEERS, 'embed-export.py'), checkpoint, exported], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const peers = [
    await startPeer(`fastapi + onnxruntime ${precision}`, python, [
      join(PEERS, 'serve_fastapi.py'),
      exported,
      precision,
    ]),
  ];
  if (own.transformersjs === undefined) say('transformers.js is missing: give --transformersjs.');
  else
    peers.push(
      await startPeer(`fastify + transformers.js ${precision}`, process.execPath, [
        join(PEERS, 'serve-transformersjs.mjs'),
        resolve(own.transformersjs),
        exported,
        precision,
      ]),
    );
  return peers;
}

/** The median of each service's measurements, after one that is not counted. */
async function inTurn(
  services: readonly Service[],
  { own, say }: BenchOptions,
  load: { readonly connections: number; readonly titles: readonly string[]; readonly cold: boolean },
): Promise<ReadonlyMap<Service, Measured>> {
  const seconds = Number(own.seconds ?? 10);
  const all = new Map<Service, Measured[]>(services.map((service) => [service, []]));
  for (let round = -1; round < Number(own.rounds ?? 3); round++)
    for (const service of services) {
      const measured = await measure(service, {
        ...load,
        seconds: round < 0 ? Math.min(seconds, 3) : seconds,
      });
      if (round >= 0) all.get(service)!.push(measured);
      say(
        `${service.name}, ${load.connections} connections, ${load.cold ? 'cold' : 'cached'}: ${measured.requestsPerSecond.toFixed(0)}/s, p50 ${measured.p50Ms} ms, p99 ${measured.p99Ms} ms`,
      );
    }
  const of = (list: readonly Measured[], key: keyof Measured) => median(list.map((one) => one[key]));
  return new Map(
    [...all].map(([service, list]) => [
      service,
      {
        requestsPerSecond: of(list, 'requestsPerSecond'),
        p50Ms: of(list, 'p50Ms'),
        p99Ms: of(list, 'p99Ms'),
      },
    ]),
  );
}

const KEYS = [
  ['requestsPerSecond', 'requests/s', 'more'],
  ['p50Ms', 'ms at p50', 'less'],
  ['p99Ms', 'ms at p99', 'less'],
] as const;

function compared(
  work: string,
  measured: ReadonlyMap<Service, Measured>,
  ours: Service,
  peers: readonly Service[],
): Figure[] {
  return KEYS.flatMap(([key, unit, better]): Figure[] => {
    const name = `serve ${work} connections`;
    const value = measured.get(ours)![key];
    if (peers.length === 0) return [{ name, value, unit }];
    return peers.map((peer) =>
      beside(name, unit, value, { name: peer.name, value: measured.get(peer)![key] }, better),
    );
  });
}
