/** Which version of a model answers and which have a share, over a restart: what was decided last stands in the store. */
import type { Store } from '../../store/store.ts';
import type { ServedModel } from './served-model.ts';
import type { Traffic } from './traffic.ts';

export type Roles = Traffic & {
  /** Versions that were live before, the last one last. */
  readonly before: readonly string[];
};

export class RoleMemory {
  readonly #models: Pick<Store['models'], 'assign' | 'list'>;

  constructor(models: Pick<Store['models'], 'assign' | 'list'>) {
    this.#models = models;
  }

  /**
   * @param back - whether the live version came back in place of a later one
   * @throws `store/unavailable`
   */
  async remember({ name, traffic, versions, before }: ServedModel, back: boolean): Promise<void> {
    const contentOf = (version: string) => {
      const { identity, bundle } = versions.get(version)!.opened;
      return { version, folder: bundle?.folder ?? '', checksum: bundle?.checksum ?? identity };
    };
    const { live, canary, shadow } = traffic;
    await this.#models.assign(
      name,
      {
        champion: contentOf(live),
        ...(before !== undefined && versions.has(before) && { former: contentOf(before) }),
        ...(canary && { canary: { ...contentOf(canary.version), share: canary.share } }),
        ...(shadow && { shadow: { ...contentOf(shadow.version), share: shadow.share } }),
      },
      back,
    );
  }

  /** @returns undefined where nobody has decided anything of the model @throws `store/unavailable` */
  async recall(name: string): Promise<Roles | undefined> {
    const known = await this.#models.list(name);
    const champion = known.find(({ state }) => state === 'champion');
    if (champion === undefined) return undefined;
    const shareOf = (role: 'canary' | 'shadow') => {
      const found = known.find(({ state }) => state === role);
      return found && found.share > 0 ? { [role]: { version: found.version, share: found.share } } : {};
    };
    const before = known
      .filter(({ state, demoted }) => state !== 'champion' && demoted !== null)
      .sort((a, b) => a.demoted!.getTime() - b.demoted!.getTime())
      .map(({ version }) => version);
    return { live: champion.version, ...shareOf('canary'), ...shareOf('shadow'), before };
  }
}
