/** `attune inspect`: what a file holds, what would ruin a model, and a config to begin with. */
import type { Progress } from '../base/progress.ts';
import { toConfigYaml } from '../catalog/inspect/config-yaml.ts';
import { inspect } from '../catalog/inspect/inspect.ts';
import type { Inspection } from '../catalog/inspect/inspection.ts';
import { renderInspection } from '../catalog/inspect/render.ts';
import { Source } from '../catalog/source.ts';
import type { AddressOptions } from '../features/media/address-reader.ts';
import type { AttuneConfig } from './config.ts';
import { type EventsReport, eventsInput, inspectEvents, renderEvents } from './inspect-events.ts';
import { MediaExaminer } from './inspect-media.ts';

export type InspectFileOptions = {
  readonly files: readonly string[];
  /** Character encoding of text files, by its name on the web; found from the bytes (UTF-8 or UTF-16) when left out. */
  readonly encoding?: string;
  /** What stands between two cells of a CSV; found from the file when left out. */
  readonly delimiter?: string;
  /** What the user has set already. */
  readonly config?: AttuneConfig;
  /** Cells of each column of pictures or sounds that are read, which a hash chooses; 50 when not given. */
  readonly mostMedia?: number;
  /** Whether addresses of pictures and sounds are fetched, and how; they are not unless it is said. */
  readonly fetch?: boolean | AddressOptions;
  /** Folder whose pictures and sounds alone are read, beside bytes in the cells; any file when left out. */
  readonly mediaWithin?: string;
  /** An event log to look at beside the catalog, and the profiles of its shoppers; they become an input of the config. */
  readonly events?: readonly string[];
  readonly shoppers?: readonly string[];
  readonly progress?: Progress;
};

/** Enough to tell whether files are there at all. */
const FEW_MEDIA = 50;

export type InspectFileResult = {
  readonly inspection: Inspection;
  /** Of the event log, where one was named. */
  readonly events: EventsReport | undefined;
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
  mostMedia = FEW_MEDIA,
  fetch = false,
  mediaWithin,
  events: eventFiles,
  shoppers,
  progress,
}: InspectFileOptions): Promise<InspectFileResult> {
  const reading = {
    ...(encoding === undefined || encoding === 'utf-8' ? {} : { encoding }),
    ...(delimiter === undefined ? {} : { delimiter }),
  };
  const source = await Source.open({ paths: [...files], ...reading });
  const media = new MediaExaminer(fetch, mediaWithin);
  try {
    const inspection = await inspect(source, {
      config,
      progress,
      media: { mostCells: mostMedia, read: media.read },
    });
    const [rejected] = await source.query('SELECT count(*)::INTEGER AS n, min(row) AS first FROM rejects');
    if (Number(rejected!.n) > 0)
      progress?.({
        kind: 'warning',
        text: `${rejected!.n} rows cannot be read and are left out, the first of them row ${rejected!.first}; \`attune train\` lists each with its reason.`,
      });
    const events = eventFiles && (await inspectEvents(eventFiles, shoppers, source, inspection.data.id));
    const more = eventFiles && { behaviour: eventsInput(eventFiles, shoppers) };
    return {
      inspection,
      events,
      text: `${renderInspection(inspection)}${events ? `\n${renderEvents(events)}` : ''}`,
      yaml: toConfigYaml(inspection, { reading, ...(more ? { inputs: more } : {}) }),
    };
  } finally {
    await media.close();
    source.close();
  }
}
