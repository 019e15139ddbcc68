/** `attune inspect`: what a file holds, what would ruin a model, and a config to begin with. */
import type { Progress } from '../base/progress.ts';
import { toConfigYaml } from '../catalog/inspect/config-yaml.ts';
import { inspect } from '../catalog/inspect/inspect.ts';
import type { Inspection } from '../catalog/inspect/inspection.ts';
import { renderInspection } from '../catalog/inspect/render.ts';
import { Source } from '../catalog/source.ts';
import type { AttuneConfig } from './config.ts';

export type InspectFileOptions = {
  readonly files: readonly string[];
  /** What the user has set already. */
  readonly config?: AttuneConfig;
  readonly progress?: Progress;
};

export type InspectFileResult = {
  readonly inspection: Inspection;
  /** For a terminal. */
  readonly text: string;
  /** A commented attune.yaml. */
  readonly yaml: string;
};

/** @throws catalog/... */
export async function inspectFile({
  files,
  config,
  progress,
}: InspectFileOptions): Promise<InspectFileResult> {
  const source = await Source.open({
    paths: [...files],
    ...(config?.data.encoding === undefined ? {} : { encoding: config.data.encoding }),
    ...(config?.data.delimiter === undefined ? {} : { delimiter: config.data.delimiter }),
  });
  try {
    const inspection = await inspect(source, { config, progress });
    const [rejected] = await source.query('SELECT count(*)::INTEGER AS n, min(row) AS first FROM rejects');
    if (Number(rejected!.n) > 0)
      progress?.({
        kind: 'warning',
        text: `${rejected!.n} rows cannot be read and are left out, the first of them row ${rejected!.first}; \`attune train\` lists each with its reason.`,
      });
    return { inspection, text: renderInspection(inspection), yaml: toConfigYaml(inspection) };
  } finally {
    source.close();
  }
}
