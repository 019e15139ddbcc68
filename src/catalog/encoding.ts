/**
 * What encoding a text file is in, told from its first bytes, so that a file saved by a spreadsheet is refused with
 * its name and the way out instead of being read as garbage.
 */
import { isUtf8 } from 'node:buffer';
import { AttuneError } from '../base/errors.ts';
import type { CatalogErrorCode } from './errors.ts';

/** Bytes that `resolveEncoding` should be given, when the file has as many. */
export const ENCODING_SAMPLE_BYTES = 65_536;

/** The encodings told apart by their bytes; `legacy` is any 8-bit or multi-byte one that is not UTF-8. */
export type DetectedEncoding = 'ascii' | 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252' | 'legacy';

/** Other names of encodings than those `TextDecoder` knows. */
const ALIASES: Readonly<Record<string, string>> = {
  utf8: 'utf-8',
  'latin-1': 'windows-1252',
  latin1: 'windows-1252',
  ansi: 'windows-1252',
};

/**
 * @param sample - the first bytes of the file, uncompressed
 * @returns `windows-1252` stands for the Latin family; `legacy` where most characters are beyond ASCII, which no
 * Latin text is
 */
function detectEncoding(sample: Uint8Array): DetectedEncoding {
  if (sample[0] === 0xff && sample[1] === 0xfe) return 'utf-16le';
  if (sample[0] === 0xfe && sample[1] === 0xff) return 'utf-16be';
  if (sample[0] === 0xef && sample[1] === 0xbb && sample[2] === 0xbf) return 'utf-8';
  const zeros = [0, 0];
  let high = 0;
  for (let i = 0; i < sample.length; i++) {
    if (sample[i] === 0) zeros[i % 2]!++;
    if (sample[i]! >= 0x80) high++;
  }
  if (zeros[1]! > sample.length / 8 && zeros[0]! < zeros[1]! / 8) return 'utf-16le';
  if (zeros[0]! > sample.length / 8 && zeros[1]! < zeros[0]! / 8) return 'utf-16be';
  if (high === 0) return 'ascii';
  const { valid, invalid, latin } = countLines(sample);
  if (invalid > valid && high > sample.length / 4) return 'legacy';
  return latin >= 2 && latin > valid && latin * 2 > invalid ? 'windows-1252' : 'utf-8';
}

/**
 * Lines with bytes beyond ASCII: those that are UTF-8, those that are not, and those of the latter whose bytes make
 * sense as Latin-1 (a few damaged rows in a UTF-8 file do not). The last line may be cut and does not count.
 */
function countLines(sample: Uint8Array): { valid: number; invalid: number; latin: number } {
  let valid = 0;
  let invalid = 0;
  let latin = 0;
  let start = 0;
  while (start < sample.length) {
    const newline = sample.indexOf(10, start);
    if (newline < 0 && start > 0) break;
    let end = newline < 0 ? sample.length : newline;
    if (newline < 0) while (end > start && sample[end - 1]! >= 0x80) end--;
    const line = sample.subarray(start, end);
    if (line.some((byte) => byte >= 0x80)) {
      if (isUtf8(line)) valid++;
      else {
        invalid++;
        if (line.every((byte, i) => byte < 0x80 || readsAsLatin(byte, line[i - 1], line[i + 1]))) latin++;
      }
    }
    start = newline < 0 ? sample.length : newline + 1;
  }
  return { valid, invalid, latin };
}

/** Signs of Windows-1252 that prose and product texts hold: quotes, dashes, €, ™, ©, ®, °, ½, × ... */
const LATIN_SIGNS = new Set([
  0x80, 0x85, 0x91, 0x92, 0x93, 0x94, 0x95, 0x96, 0x97, 0x99, 0xa0, 0xa3, 0xa7, 0xa9, 0xab, 0xae, 0xb0, 0xb1,
  0xb2, 0xb4, 0xb5, 0xb7, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xd7, 0xd8,
]);

/** Whether a byte beyond ASCII is a common sign, or a letter beside another letter. */
function readsAsLatin(byte: number, before: number | undefined, after: number | undefined): boolean {
  if (LATIN_SIGNS.has(byte)) return true;
  const isLetter = (other: number | undefined) =>
    other !== undefined && (other | 0x20) >= 0x61 && (other | 0x20) <= 0x7a;
  return byte >= 0xc0 && byte < 0xff && (isLetter(before) || isLetter(after));
}

/**
 * The encoding to read a file with: the one asked for, if the bytes agree with it, else UTF-8.
 *
 * @param asked - the user's choice; undefined means UTF-8
 * @returns a label for `TextDecoder`
 * @throws `catalog/encoding` when the bytes are plainly in another encoding
 */
export function resolveEncoding(file: string, sample: Uint8Array, asked: string | undefined): string {
  const detected = detectEncoding(sample);
  const wanted = asked?.toLowerCase();
  if (wanted === undefined || wanted === 'utf-8' || wanted === 'utf8') {
    if (detected === 'ascii' || detected === 'utf-8') return 'utf-8';
    throw wrongEncoding(file, detected);
  }
  if (wanted.startsWith('utf-16') || wanted === 'utf16') {
    if (detected === 'utf-16le' || detected === 'utf-16be') return detected;
    throw new AttuneError<CatalogErrorCode>(
      'catalog/encoding',
      `${file} is not UTF-16, as the encoding option says: it has neither its byte order mark nor its zero bytes.`,
      { hint: 'Leave the encoding option out.', details: { file, detected, asked } },
    );
  }
  const label = ALIASES[wanted] ?? wanted;
  try {
    new TextDecoder(label);
  } catch (cause) {
    throw new AttuneError<CatalogErrorCode>('catalog/encoding', `There is no encoding called "${asked}".`, {
      hint: 'Names that work: utf-8, utf-16, latin-1, windows-1251, iso-8859-2, shift_jis, gb18030, euc-kr.',
      details: { file, asked },
      cause,
    });
  }
  if (detected === 'utf-8' || detected === 'utf-16le' || detected === 'utf-16be') {
    throw new AttuneError<CatalogErrorCode>(
      'catalog/encoding',
      `${file} is ${detected.toUpperCase()}; read as ${asked} its letters beyond ASCII would be garbled.`,
      {
        hint: detected === 'utf-8' ? 'Leave the encoding option out.' : 'Set the encoding to utf-16.',
        details: { file, detected, asked },
      },
    );
  }
  return label;
}

/** The refusal of a file that is not UTF-8, with the option to set and the command that converts. */
export function wrongEncoding(file: string, detected: DetectedEncoding): AttuneError<CatalogErrorCode> {
  const names: Readonly<Record<DetectedEncoding, readonly [string, string, string]>> = {
    ascii: ['ASCII', 'utf-8', 'UTF-8'],
    'utf-8': ['UTF-8', 'utf-8', 'UTF-8'],
    'utf-16le': ['UTF-16', 'utf-16', 'UTF-16LE'],
    'utf-16be': ['UTF-16', 'utf-16', 'UTF-16BE'],
    'windows-1252': ['Latin-1 (Windows-1252)', 'latin-1', 'WINDOWS-1252'],
    legacy: [
      'in a legacy encoding such as GB18030, Shift JIS, EUC-KR or Windows-1251',
      'gb18030 (or shift_jis, euc-kr, windows-1251)',
      'GB18030',
    ],
  };
  const [name, option, iconv] = names[detected];
  return new AttuneError<CatalogErrorCode>(
    'catalog/encoding',
    `${file} is not UTF-8: it looks to be ${name}.`,
    {
      hint: `Set \`data.encoding\` (\`--encoding\` of \`attune inspect\`) to ${option}, or convert the file: iconv -f ${iconv} -t UTF-8 ${file} > converted.csv`,
      details: { file, detected },
    },
  );
}
