/** What the pages say, for the tests that compare it with what is there. */

const withoutCode = (text: string) => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');

/** Targets of links and pictures outside of code. */
export function linksIn(text: string): { readonly target: string }[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => ({ target: target! }));
}

/** Anchors as GitHub makes them of headings. */
export function headingAnchors(text: string): string[] {
  return [...text.replace(/^```[\s\S]*?^```/gm, '').matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

export type Command = { readonly kind: 'attune' | 'npm' | 'bench'; readonly name: string };

/** Commands in code: `attune VERB`, `npm run SCRIPT`, `npm run --silent bench -- NAME`. */
export function commandsIn(text: string): Command[] {
  const code = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```|`([^`\n]+)`/gm)]
    .map(([, block, inline]) => block ?? inline!)
    .join('\n');
  const found = (kind: Command['kind'], pattern: RegExp) =>
    [...code.matchAll(pattern)].map(([, name]) => ({ kind, name: name! }));
  return [
    ...found('attune', /(?:^|\$ |npx )attune ([a-z]+)/gm),
    ...found('npm', /npm run (?:--silent )?([a-z][a-z:]*)/g),
    ...found('bench', /bench -- ([a-z-]+)/g),
  ];
}
