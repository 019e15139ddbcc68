/** A model by name: its loaded versions, and which of them answers. */
import type { ProductBody } from '../api/predict.ts';
import type { ServedVersion } from './served-version.ts';
import { ShadowTally } from './shadow-tally.ts';
import { placeOf, promoted, shadowFor, type Traffic, versionFor } from './traffic.ts';

/** Versions that were live before, the last one last: what a roll back goes to. */
const REMEMBERED = 20;

export class ServedModel {
  readonly name: string;
  readonly versions = new Map<string, ServedVersion>();
  #traffic: Traffic;
  #before: string[] = [];
  #tally = new ShadowTally();

  constructor(name: string, first: ServedVersion) {
    this.name = name;
    this.versions.set(first.version, first);
    this.#traffic = { live: first.version };
  }

  get traffic(): Traffic {
    return this.#traffic;
  }

  get live(): ServedVersion {
    return this.versions.get(this.#traffic.live)!;
  }

  /** The version that a roll back goes to; it may have been unloaded since. */
  get before(): string | undefined {
    return this.#before.at(-1);
  }

  get tally(): ShadowTally {
    return this.#tally;
  }

  /** The version that answers for a product, and the one that is asked beside it. */
  for(product: ProductBody): { readonly answers: ServedVersion; readonly shadow: ServedVersion | undefined } {
    if (this.#traffic.canary === undefined && this.#traffic.shadow === undefined)
      return { answers: this.live, shadow: undefined };
    const place = placeOf(this.name, product.id == null ? JSON.stringify(product) : String(product.id));
    const shadow = shadowFor(this.#traffic, place);
    return {
      answers: this.versions.get(versionFor(this.#traffic, place))!,
      shadow: shadow === undefined ? undefined : this.versions.get(shadow),
    };
  }

  /** Answers for all from now on; what it was a canary or shadow for ends. */
  promote(version: string): void {
    const { live } = this.#traffic;
    if (version === live) return;
    this.#before = [...this.#before, live].slice(-REMEMBERED);
    this.#route(promoted(this.#traffic, version));
  }

  /** Goes on as another process left off. @param before - versions that were live before, the last one last */
  resume(traffic: Traffic, before: readonly string[]): void {
    this.#before = before.slice(-REMEMBERED);
    this.#route(traffic);
  }

  /** The version that was live before answers again; shares end. */
  rollBack(): void {
    const version = this.#before.pop();
    if (version !== undefined) this.#route({ live: version });
  }

  share({ canary, shadow }: Pick<Traffic, 'canary' | 'shadow'>): void {
    this.#route({
      live: this.#traffic.live,
      ...(canary === undefined ? {} : { canary }),
      ...(shadow === undefined ? {} : { shadow }),
    });
  }

  #route(traffic: Traffic): void {
    if (traffic.shadow?.version !== this.#traffic.shadow?.version) this.#tally = new ShadowTally();
    this.#traffic = traffic;
  }
}
