/**
 * The models that are served. Which version answers changes in one step between two requests, and a version goes only when the
 * last request that uses it has its answer: nothing that was taken is dropped.
 */
import { AttuneError, closest } from '../../base/errors.ts';
import type { RequestErrorCode } from '../errors.ts';
import type { PrecisionTargets } from '../records/audits.ts';
import type { FailedModel, ModelRepository, OpenedVersion } from './opened-version.ts';
import { ServedModel } from './served-model.ts';
import { ServedVersion, type Serving } from './served-version.ts';
import { type RegistryMemory, takeUp } from './take-up.ts';
import type { Share, Traffic } from './traffic.ts';

export class ModelRegistry {
  readonly #models = new Map<string, ServedModel>();
  readonly #serving: Serving;
  readonly #repository: ModelRepository | undefined;
  readonly #memory: RegistryMemory | undefined;
  /** Loading and unloading, one after another. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Versions that wait for their last request. */
  readonly #retiring = new Set<Promise<void>>();
  readonly #onChange: () => void;
  #failed: readonly FailedModel[];
  /** Grows with every change of what is served. */
  generation = 0;

  /**
   * @param first - the first of them is the default model
   * @param failed - what should be among them and does not open; known until another version of the model is decided on
   * @param onChange - told after each change of what is served, but for the end of all
   */
  constructor(
    first: readonly OpenedVersion[],
    serving: Serving,
    {
      repository,
      memory,
      failed = [],
      onChange = () => {},
    }: {
      repository?: ModelRepository;
      memory?: RegistryMemory;
      failed?: readonly FailedModel[];
      onChange?: () => void;
    } = {},
  ) {
    this.#failed = failed;
    this.#serving = serving;
    this.#repository = repository;
    this.#memory = memory;
    for (const opened of first) this.#add(opened);
    this.#onChange = onChange;
  }

  /** The default first. */
  get models(): readonly ServedModel[] {
    return [...this.#models.values()];
  }

  /** What should answer and does not open. */
  get failed(): readonly FailedModel[] {
    return this.#failed;
  }

  /** Which version of each model answers, or should: one that does not open may be mended. */
  answering(): readonly { readonly name: string; readonly version: string }[] {
    const live = this.models.map(({ name, traffic }) => ({ name, version: traffic.live }));
    const first = (name: string) => this.#failed.find((one) => one.name === name);
    return [
      ...live.map((one) => first(one.name) ?? one),
      ...this.#failed.filter((one) => first(one.name) === one && !this.#models.has(one.name)),
    ];
  }

  /** Products that wait for a batch, of all models. */
  get waiting(): number {
    return this.models.reduce(
      (total, { versions }) =>
        total + [...versions.values()].reduce((sum, version) => sum + version.waiting, 0),
      0,
    );
  }

  /**
   * @param name - the default model when left out
   * @throws AttuneError `serving/model-not-found`
   */
  model(name?: string): ServedModel {
    const found = name === undefined ? this.models[0] : this.#models.get(name);
    if (found !== undefined) return found;
    const names = [...this.#models.keys()];
    const near = name === undefined ? undefined : closest(name.slice(0, 100), names);
    const served = names.length === 0 ? 'No model is loaded.' : `Served are: ${names.join(', ')}.`;
    throw notFound(
      'serving/model-not-found',
      name === undefined ? 'No model is loaded.' : `There is no model "${name.slice(0, 100)}".`,
      near === undefined ? served : `Did you mean "${near}"?`,
    );
  }

  /** @throws AttuneError `serving/model-not-found`, `serving/version-not-found` */
  version(name: string | undefined, version: string): ServedVersion {
    const model = this.model(name);
    const found = model.versions.get(version);
    if (found !== undefined) return found;
    throw notFound(
      'serving/version-not-found',
      `The model "${model.name}" has no version "${version.slice(0, 100)}" in memory.`,
      `Loaded are: ${[...model.versions.keys()].join(', ')}.`,
    );
  }

  /** What the accepted answers of a version promise; undefined where it is not in memory, or does not say. */
  precisionTargets(name: string, version: string): PrecisionTargets | undefined {
    return this.#models.get(name)?.versions.get(version)?.opened.precisionTargets;
  }

  /** What could be loaded, and what is; newest version first. */
  async index(): Promise<
    readonly { readonly name: string; readonly version: string; readonly loaded: boolean }[]
  > {
    const there = (await this.#repository?.list()) ?? [];
    const loaded = this.models.flatMap(({ name, versions }) =>
      [...versions.keys()].map((version) => ({ name, version })),
    );
    const isLoaded = ({ name, version }: { readonly name: string; readonly version: string }) =>
      this.#models.get(name)?.versions.has(version) ?? false;
    const others = loaded.filter(
      (one) => !there.some(({ name, version }) => name === one.name && version === one.version),
    );
    return [...there, ...others].map((one) => ({
      name: one.name,
      version: one.version,
      loaded: isLoaded(one),
    }));
  }

  /**
   * Opens a version from the repository. The first of a model is live at once; a further one waits to be promoted. One that is
   * loaded already is replaced by what its folder holds now.
   * @param version - the newest when left out
   * @throws AttuneError `serving/model-not-found`, `serving/version-not-found`, `serving/load-failed`
   */
  load(name: string, version?: string): Promise<ServedVersion> {
    return this.#inTurn(async () => {
      const opened = await this.#open(name, version);
      const isFirst = !this.#models.has(name);
      const added = this.#add(opened);
      this.#forgive(name, isFirst ? undefined : added.version);
      if (isFirst) await this.#remember(this.model(name));
      return added;
    });
  }

  /**
   * Takes a version away, or the whole model, and frees its memory when its last request is answered.
   * @throws AttuneError `serving/model-not-found`, `serving/version-not-found`, `serving/version-in-use`
   */
  unload(name: string, version?: string): Promise<readonly string[]> {
    return this.#inTurn(async () => {
      const failed = this.#failed.filter((one) => one.name === name);
      if (version === undefined && failed.length > 0 && !this.#models.has(name)) {
        this.#forgive(name);
        this.generation++;
        return failed.map((one) => one.version);
      }
      const model = this.model(name);
      if (version === undefined) {
        this.#forgive(name);
        this.#models.delete(name);
        this.generation++;
        for (const each of model.versions.values()) this.#retire(each);
        return [...model.versions.keys()];
      }
      const served = this.version(name, version);
      const { live, canary, shadow } = model.traffic;
      const role =
        (version === live && 'answers') ||
        (version === canary?.version && 'is the canary') ||
        (version === shadow?.version && 'is the shadow');
      if (role)
        throw new AttuneError<RequestErrorCode>(
          'serving/version-in-use',
          `Version "${version}" of the model "${name}" ${role}, so it is not unloaded.`,
          { hint: 'Promote another version or end the share first, or unload the whole model.' },
        );
      model.versions.delete(version);
      this.generation++;
      this.#retire(served);
      return [version];
    });
  }

  /** @throws AttuneError `serving/model-not-found`, `serving/version-not-found` */
  promote(name: string, version: string): Promise<ServedModel> {
    return this.#inTurn(async () => {
      this.version(name, version);
      return this.#changed(name, (model) => model.promote(version));
    });
  }

  /**
   * The version that was live before answers again; it is loaded once more where it was unloaded meanwhile.
   * @throws AttuneError `serving/model-not-found`, `serving/nothing-to-roll-back`, and what `load` throws
   */
  rollBack(name: string): Promise<ServedModel> {
    return this.#inTurn(async () => {
      const { before, versions } = this.model(name);
      if (before === undefined)
        throw new AttuneError<RequestErrorCode>(
          'serving/nothing-to-roll-back',
          `No version of the model "${name}" was live before this one.`,
        );
      if (!versions.has(before)) this.#add(await this.#open(name, before));
      return this.#changed(name, (model) => model.rollBack(), true);
    });
  }

  /** @throws AttuneError `serving/model-not-found`, `serving/version-not-found` */
  share(name: string, shares: Pick<Traffic, 'canary' | 'shadow'>): Promise<ServedModel> {
    return this.#inTurn(async () => {
      for (const share of [shares.canary, shares.shadow] as readonly (Share | undefined)[])
        if (share !== undefined) this.version(name, share.version);
      return this.#changed(name, (model) => model.share(shares));
    });
  }

  /**
   * Goes on as the service before left off: its live versions answer, where they are there, and its shares hold.
   * @returns versions that were opened for it
   * @throws `store/...`, and then none stays open
   */
  takeUp(): Promise<readonly OpenedVersion[]> {
    return this.#inTurn(async () => {
      const opened: OpenedVersion[] = [];
      try {
        for (const model of this.#memory === undefined ? [] : this.models) {
          const failed = await takeUp(model, this.#memory!, async (version) => {
            const one = await this.#open(model.name, version);
            opened.push(one);
            this.#add(one);
          });
          if (failed === undefined) continue;
          this.#forgive(failed.name, failed.version);
          this.#failed = [...this.#failed, failed];
        }
        this.generation++;
        return opened;
      } catch (cause) {
        for (const { close } of opened) await close();
        throw cause;
      }
    });
  }

  /** Frees every model, once its last request is answered. */
  async close(): Promise<void> {
    await this.#inTurn(async () => {
      for (const { versions } of this.models) for (const each of versions.values()) this.#retire(each);
      this.#models.clear();
    });
    await Promise.all(this.#retiring);
  }

  async #open(name: string, version: string | undefined): Promise<OpenedVersion> {
    let opened: OpenedVersion | undefined;
    try {
      opened = await this.#repository?.open(name, version);
    } catch (cause) {
      if (!(cause instanceof AttuneError)) throw cause;
      throw new AttuneError<RequestErrorCode>(
        'serving/load-failed',
        `The model "${name}" cannot be loaded. ${cause.message}`,
        { cause, ...(cause.hint === undefined ? {} : { hint: cause.hint }) },
      );
    }
    if (opened !== undefined) return opened;
    const there = (await this.#repository?.list()) ?? [];
    const versions = there.filter((one) => one.name === name).map((one) => one.version);
    if (versions.length === 0)
      throw notFound(
        'serving/model-not-found',
        `There is no model "${name.slice(0, 100)}" to load.`,
        there.length === 0
          ? 'Start the service with --models FOLDER to load models while it runs.'
          : `There are: ${[...new Set(there.map((one) => one.name))].join(', ')}.`,
      );
    throw notFound(
      'serving/version-not-found',
      `The model "${name}" has no version "${version?.slice(0, 100)}" to load.`,
      `There are: ${versions.join(', ')}.`,
    );
  }

  #add(opened: OpenedVersion): ServedVersion {
    const served = new ServedVersion(opened, this.#serving);
    const model = this.#models.get(opened.name);
    this.generation++;
    if (model === undefined) {
      this.#models.set(opened.name, new ServedModel(opened.name, served));
      return served;
    }
    const replaced = model.versions.get(opened.version);
    model.versions.set(opened.version, served);
    if (replaced !== undefined) this.#retire(replaced);
    return served;
  }

  async #changed(name: string, change: (model: ServedModel) => void, back = false): Promise<ServedModel> {
    const model = this.model(name);
    change(model);
    this.#forgive(name);
    this.generation++;
    await this.#remember(model, back);
    return model;
  }

  /** What was decided holds while the service runs, also where the store is away. */
  async #remember(model: ServedModel, back = false): Promise<void> {
    try {
      await this.#memory?.roles.remember(model, back);
    } catch (error) {
      this.#memory?.say(
        'error',
        `what answers for "${model.name}" will be forgotten at the next start`,
        error,
      );
    }
  }

  /** It opens now, or somebody decided what answers in its place. @param version - all that failed when left out */
  #forgive(name: string, version?: string): void {
    this.#failed = this.#failed.filter(
      (one) => one.name !== name || (version !== undefined && one.version !== version),
    );
  }

  #retire(version: ServedVersion): void {
    const closed = version.retire().finally(() => this.#retiring.delete(closed));
    this.#retiring.add(closed);
    closed.catch(() => {});
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(async () => {
      const before = this.generation;
      const result = await work();
      if (this.generation !== before) this.#onChange();
      return result;
    });
    this.#turn = done.catch(() => {});
    return done;
  }
}

function notFound(
  code: 'serving/model-not-found' | 'serving/version-not-found',
  message: string,
  hint: string,
): AttuneError<RequestErrorCode> {
  return new AttuneError(code, message, { hint });
}
