/** How a model goes on after a restart: with what was decided before it, as far as its versions are still there. */
import type { FailedModel } from './opened-version.ts';
import type { RoleMemory } from './role-memory.ts';
import type { ServedModel } from './served-model.ts';
import type { Share } from './traffic.ts';

export type RegistryMemory = {
  readonly roles: RoleMemory;
  /** Models whose live version was named when the service was started: what was decided before does not change it. */
  readonly named: ReadonlySet<string>;
  readonly say: (level: 'info' | 'warn' | 'error', text: string, error?: unknown) => void;
};

/**
 * @param load - puts a version into the model
 * @returns the version that was live, where it cannot be loaded
 * @throws `store/...`
 */
export async function takeUp(
  model: ServedModel,
  { roles, named, say }: RegistryMemory,
  load: (version: string) => Promise<void>,
): Promise<FailedModel | undefined> {
  const { name } = model;
  const remembered = await roles.recall(name);
  if (remembered === undefined) return undefined;
  let failed: FailedModel | undefined;
  const isThere = async (version: string, role: string) => {
    try {
      if (!model.versions.has(version)) await load(version);
      return true;
    } catch (error) {
      const { message } = error as Error;
      say('warn', `version "${version}" of "${name}", which was ${role}, is not there: ${message}`, error);
      if (role === 'live') failed = { name, version, problem: message };
      return false;
    }
  };
  const { before, canary, shadow } = remembered;
  let { live } = model.traffic;
  if (named.has(name)) {
    if (live !== remembered.live)
      say(
        'info',
        `version "${live}" of "${name}" was named and answers, not "${remembered.live}", which did`,
      );
  } else if (await isThere(remembered.live, 'live')) {
    live = remembered.live;
    say('info', `version "${live}" of "${name}" answers, as before`);
  }
  const shared = async (share: Share | undefined, role: string) =>
    share !== undefined && share.version !== live && (await isThere(share.version, `the ${role}`))
      ? { [role]: share }
      : {};
  model.resume(
    { live, ...(await shared(canary, 'canary')), ...(await shared(shadow, 'shadow')) },
    before.filter((version) => version !== live),
  );
  return failed;
}
