/** `attune train`: from a config to a bundle, with honest test figures. */
import { rm } from 'node:fs/promises';
import { silent } from '../base/progress.ts';
import { openCatalog } from '../catalog/catalog.ts';
import { specOfConfig } from '../catalog/spec-of-config.ts';
import { reserveFolder } from '../prediction/bundle.ts';
import type { TrainingOutcome } from '../training/train-attributes.ts';
import { completedBy, noteRejects, openBehaviour } from './behaviour.ts';
import { checkDecoderMemory } from './decoder-memory.ts';
import { encoderFolders } from './encoder-folders.ts';
import { finishTraining } from './finish-training.ts';
import { givenAway } from './input-warnings.ts';
import { readMedia } from './media.ts';
import { checkMemory } from './memory.ts';
import { planOf } from './plan.ts';
import { fingerprintOf, type Prepared, prepare } from './prepare.ts';
import { decoderFolder, trainDecoder } from './train-decoder.ts';
import { mediaFolder } from './train-member.ts';
import { trainMembers } from './train-members.ts';
import type { TrainOptions } from './train-options.ts';
import type { TrainResult } from './train-result.ts';
import { refuseUnfinished } from './unfinished-run.ts';
import { unreadMedia, writeRejects } from './write-rejects.ts';

/**
 * Trains a model and writes its bundle to `out`.
 *
 * While it runs, `<out>.run` holds what a killed run goes on from; it is removed at the end. An earlier model in `out`
 * stays until the new one is whole.
 * @throws training/run-unfinished, catalog/..., models/..., training/..., prediction/bundle-exists, prediction/unwritable
 */
export async function train(options: TrainOptions): Promise<TrainResult> {
  const { config, out } = options;
  const progress = options.progress ?? silent;
  await reserveFolder(out);
  await refuseUnfinished(options);
  const { continueFrom, complete } = options;
  const named = await encoderFolders(config, progress);
  const folders = continueFrom ? { ...named, text: continueFrom.folder, continued: true } : named;
  progress({ kind: 'stage', stage: 'Reading the catalog', total: undefined });
  const catalog = await openCatalog({ ...specOfConfig(config), progress });
  let closing: Pick<Prepared, 'media' | 'text'> | undefined;
  let behaviour: Awaited<ReturnType<typeof openBehaviour>>;
  try {
    if (complete) catalog.completeWith(complete);
    behaviour = await openBehaviour({
      config,
      progress,
      products: (part) => catalog.products(sidesOf(part)),
    });
    if (behaviour) {
      const observed = completedBy(behaviour.store);
      catalog.completeWith(complete ? async (products) => complete(await observed(products)) : observed);
      await noteRejects(catalog, behaviour);
    }
    progress({ kind: 'stage', stage: 'Counting labels, learning words', total: undefined });
    const files = {
      cacheFolder: mediaFolder(out),
      ...(options.mediaWithin === undefined ? {} : { within: options.mediaWithin }),
    };
    const prepared = await prepare(catalog, config, folders, files, behaviour?.encoding);
    closing = prepared;
    const { media } = prepared;
    // Before hours are spent on pictures of a run that will not fit.
    const memory = checkMemory(
      { spec: prepared.spec, model: config.model, training: config.training },
      options.availableMemory,
    );
    const writing = prepared.decoder
      ? checkDecoderMemory(prepared.decoder.spec, config.training, options.availableMemory)
      : 0;
    const needed = { ...memory, total: Math.max(memory.total, writing) };
    const unread = media
      ? await readMedia(catalog, prepared.reader, media.load, progress)
      : { count: 0, first: '' };
    const { fingerprint, warnings } = await fingerprintOf(catalog, config, prepared);
    const rejects = await writeRejects(catalog, out, unread.count + (behaviour?.unread ?? 0));
    const plan = planOf(catalog, config, prepared, needed, [
      ...givenAway(config),
      ...warnings,
      ...unreadMedia(unread),
      ...(behaviour?.warnings ?? []),
      ...prepared.others.warnings,
    ]);
    options.onPlan?.(plan);
    const stopped = ({ bestEpoch, history }: Pick<TrainingOutcome, 'bestEpoch' | 'history'>) => ({
      finished: false,
      out,
      bestEpoch,
      history,
      results: [],
      overall: undefined,
      alone: [],
      gates: [],
      rejects,
    });
    if (!options.resume) await rm(decoderFolder(out), { recursive: true, force: true });
    const trained = await trainMembers(options, catalog, prepared, fingerprint);
    const last = trained.outcomes.at(-1)!;
    if (!last.finished) return stopped(last);
    const { decoder } = prepared;
    const written =
      decoder && (await trainDecoder(options, catalog, prepared, decoder, fingerprint, trained.folder));
    if (written && !written.outcome.finished) return stopped(last);
    return await finishTraining(options, catalog, trained, fingerprint, plan, written, rejects);
  } finally {
    await closing?.media?.close();
    await closing?.text?.close();
    behaviour?.close();
    catalog.close();
  }
}

const sidesOf = (part: 'all' | 'train') => (part === 'train' ? { sides: ['train'] as const } : {});
