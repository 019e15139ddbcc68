/**
 * HTML by template literal: whatever is put into a template is escaped unless it was made by a template, so product
 * titles with markup can only ever be text.
 */

/** The key is a symbol, which nothing read from a file can have. */
const MARKUP = Symbol('markup');

/** Finished markup. */
export type Html = { readonly [MARKUP]: string };

type Slot = string | number | Html | readonly Html[] | undefined | false;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as HTML text or as a quoted attribute value; control characters but tab and line ends become U+FFFD. */
export function escapeHtml(text: string): string {
  return (
    text
      .replace(/[&<>"']/g, (character) => ESCAPES[character]!)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
  );
}

/** Markup from a template; strings are escaped, lists joined, `undefined` and `false` are nothing. */
export function html(parts: TemplateStringsArray, ...slots: readonly Slot[]): Html {
  let markup = parts[0]!;
  for (const [i, slot] of slots.entries()) markup += render(slot) + parts[i + 1]!;
  return { [MARKUP]: markup };
}

function render(slot: Slot): string {
  if (slot === undefined || slot === false) return '';
  if (typeof slot === 'string') return escapeHtml(slot);
  if (typeof slot === 'number') return String(slot);
  if (MARKUP in slot) return slot[MARKUP];
  return slot.map((part) => part[MARKUP]).join('');
}

/** The string that a file can hold. */
export function markupOf(markup: Html): string {
  return markup[MARKUP];
}

/** Constant markup of ours, such as a style sheet; never anything that was read. */
export function trusted(markup: string): Html {
  return { [MARKUP]: markup };
}
