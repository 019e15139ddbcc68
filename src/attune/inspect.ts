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
  /** Character encoding of text files, by its name on the web; found from the bytes (UTF-8 or UTF-16) when left out. */
  readonly encoding?: string;
  /** What stands between two cells of a CSV; found from the file when left out. */
  readonly delimiter?: string;
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
  encoding = config?.data.encoding,
  delimiter = config?.data.delimiter,
  progress,
}: InspectFileOptions): Promise<InspectFileResult> {
  const reading = {
    ...(encoding === undefined || encoding === 'utf-8' ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
  };
  const source = await Source.open({ paths: [...files], ...reading });
  try {
    const inspection = await inspect(source, { config, progress });
    const [rejected] = await source.query('SELECT count(*)::INTEGER AS n, min(row) AS first FROM rejects');
    if (Number(rejected!.n) > 0)
      progress?.({
        kind: 'warning',
        text: `${rejected!.n} rows cannot be read and are left out, the first of them row ${rejected!.first}; \`attune train\` lists each with its reason.`,
      });
    return { inspection, text: renderInspection(inspection), yaml: toConfigYaml(inspection, { reading }) };
  } finally {
    source.close();
  }
}
