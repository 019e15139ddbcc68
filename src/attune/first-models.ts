/** What a service opens when it starts: what was named, the newest of a folder of models, what was trained in its workspace and answered last. */
import type { FailedModel, OpenedVersion } from '../serving/models/opened-version.ts';
import type { ModelSource } from './model-sources.ts';

/** One of these answers: the first that opens. */
type FirstModel = {
  readonly sources: readonly ModelSource[];
  /** Whether the service does not start where it does not open: it was named. */
  readonly needed: boolean;
};

type FirstModels = {
  readonly opened: readonly OpenedVersion[];
  readonly failed: readonly FailedModel[];
};

/**
 * @param named - one by one; models of these names come from nowhere else
 * @param folder - of each model the newest first
 * @param live - which answered last: they come before newer ones of the same name
 */
export function firstModels(
  named: readonly ModelSource[],
  folder: readonly ModelSource[],
  live: readonly ModelSource[],
): readonly FirstModel[] {
  const taken = new Set(named.map(({ name }) => name));
  const others = [...folder, ...live].filter(({ name }) => !taken.has(name));
  return [
    ...named.map((source) => ({ sources: [source], needed: true })),
    ...[...new Set(others.map(({ name }) => name))].map((name) => {
      const last = live.filter((one) => one.name === name);
      const newest = folder.filter(
        (one) => one.name === name && last.every(({ version }) => version !== one.version),
      );
      return { sources: [...last, ...newest], needed: false };
    }),
  ];
}

/**
 * Opens them one after another. What does not open and was not named is told, and the others are served.
 * @throws what `open` does, of what was named, or of the first where none opens; then none stays open
 */
export async function openFirst(
  models: readonly FirstModel[],
  open: (source: ModelSource) => Promise<OpenedVersion>,
): Promise<FirstModels> {
  const opened: OpenedVersion[] = [];
  const failed: FailedModel[] = [];
  const causes: unknown[] = [];
  try {
    for (const { sources, needed } of models)
      for (const source of sources)
        try {
          opened.push(await open(source));
          break;
        } catch (cause) {
          if (needed) throw cause;
          causes.push(cause);
          failed.push({ name: source.name, version: source.version, problem: (cause as Error).message });
        }
    if (opened.length === 0 && causes.length > 0) throw causes[0];
    return { opened, failed };
  } catch (cause) {
    for (const { close } of opened) await close();
    throw cause;
  }
}
