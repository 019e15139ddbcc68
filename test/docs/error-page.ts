/** docs/errors.md, made of the tables of codes. */
import { ERRORS, exitCodeOf } from '../../src/attune/errors.ts';
import { HTTP_STATUS } from '../../src/serving/errors.ts';

const INTRODUCTION = `# Errors

Every error that Attune raises has a code in words, a message that says what was wrong and where, and, where there is
something to do, a hint. A program reads the code: \`error.code\` in the library, \`[code]\` on standard error, \`code\` in
the problem document of the service. A bad row is no error: it is set aside in a rejects file with its reason.

The command line ends with 0 when all went well, 1 after an error, 2 when it was used wrongly, and 100 when a quality
gate failed. The service answers the codes that have an HTTP status with it, and any other error with 500.

This page is made of the tables in the sources: \`npm run docs\`.
`;

/** One table a folder: the codes, their meaning, and how a command or a request ends with each. */
export function errorPage(): string {
  const folders = new Map<string, string[]>();
  for (const [code, meaning] of Object.entries(ERRORS)) {
    const folder = code.slice(0, code.indexOf('/'));
    const http = (HTTP_STATUS as Readonly<Record<string, number>>)[code];
    const row = `| \`${code}\` | ${meaning} | ${exitCodeOf(code)} |${folder === 'serving' ? ` ${http ?? ''} |` : ''}`;
    folders.set(folder, [...(folders.get(folder) ?? []), row]);
  }
  return [
    INTRODUCTION,
    ...[...folders].map(([folder, rows]) => `## ${folder}\n\n${heading(folder)}\n${rows.join('\n')}\n`),
  ].join('\n');
}

function heading(folder: string): string {
  const columns = ['Code', 'Meaning', 'Exit code', ...(folder === 'serving' ? ['HTTP status'] : [])];
  return `| ${columns.join(' | ')} |\n|${' --- |'.repeat(columns.length)}`;
}
