/** Pictures and sounds of a column, as a report and the comments of a config say them. Pure. */
import { count, number } from './counts-in-words.ts';
import type { ColumnReport, InspectionWarning, MediaFaultReport, MediaReport } from './inspection.ts';

const NOUNS = { image: 'picture', audio: 'sound' } as const;
const MISSING = 'media/missing';
const OUTSIDE = 'media/not-allowed';
const SHOWN_CHARACTERS = 80;

/** "60 pictures, 48 x 52 pixels in the middle". */
export function mediaWords({ kind, read, middle }: MediaReport): string {
  const many = count(read, NOUNS[kind]);
  if (middle === undefined) return many;
  return 'width' in middle
    ? `${many}, ${middle.width} x ${middle.height} pixels in the middle`
    : `${many}, ${number(middle.seconds)} s in the middle, ${number(middle.longest)} s the longest`;
}

export function* mediaWarnings(
  columns: readonly ColumnReport[],
  severalFiles: boolean,
): Iterable<InspectionWarning> {
  for (const { name, media, filled } of columns) {
    const report = media?.report;
    if (report === undefined) continue;
    const { kind, files, silent, addresses, looked, faults } = report;
    const noun = NOUNS[kind];
    const of = `${count(files, noun)}${looked < filled ? ` in ${count(looked, 'cell')} of ${number(filled)}, chosen by a hash,` : ''}`;
    const missing = faults.filter(({ code }) => code === MISSING);
    const outside = faults.filter(({ code }) => code === OUTSIDE);
    const broken = faults.filter(({ code }) => code !== MISSING && code !== OUTSIDE);
    for (const [code, found, what, action] of [
      ['missing-media', missing, 'not there', 'Look whether the paths start at the folder of the catalog.'],
      [
        'outside-media',
        outside,
        'outside of the one folder whose files are read here',
        'Put them in that folder, or name them by addresses or their bytes.',
      ],
      ['broken-media', broken, 'there, but cannot be read', 'Replace these files, or leave them.'],
    ] as const) {
      if (found.length === 0) continue;
      const n = found.reduce((sum, fault) => sum + fault.count, 0);
      yield {
        code,
        level: 'warning',
        where: name,
        what: `Of ${of} ${number(n)} ${n === 1 ? 'is' : 'are'} ${what}.`,
        why: 'Their products are used without them.',
        action,
        examples: found.flatMap((fault) => exampleLines(fault, severalFiles)),
      };
    }
    if (silent > 0)
      yield {
        code: 'silent-media',
        level: 'note',
        where: name,
        what: `Of ${of} ${number(silent)} ${silent === 1 ? 'is' : 'are'} silent from beginning to end.`,
        why: 'A silent clip is read as one; nothing can be learned of it.',
        action: 'Look whether the recording failed.',
      };
    if (addresses > 0)
      yield {
        code: 'addresses-unread',
        level: 'note',
        where: name,
        what: `${number(addresses)} ${noun}${addresses === 1 ? ' stands at an address that was' : 's stand at addresses that were'} not fetched.`,
        why: 'Nothing is fetched from the internet unasked.',
        action: '`attune inspect --fetch` reads them; the config has the column as a comment.',
      };
  }
}

function exampleLines(
  { meaning, count: n, examples }: MediaFaultReport,
  severalFiles: boolean,
): readonly string[] {
  const more = n > examples.length ? `; and ${number(n - examples.length)} more` : '';
  const lines = examples.map(({ file, row, reference, reason }, i) => {
    const at = severalFiles ? `${file}, row ${number(row)}` : `row ${number(row)}`;
    const named = reference === undefined ? '' : ` ${cut(reference)}`;
    return `- ${at}:${named} (${cut(reason, 200)})${i === examples.length - 1 ? more : ''}`;
  });
  return [`${number(n)} x ${meaning}`, ...lines];
}

function cut(text: string, most = SHOWN_CHARACTERS): string {
  return text.length > most ? `${text.slice(0, most - 3)}...` : text;
}
