import { shareFigure } from '../figures.ts';
import { type Html, html } from '../html.ts';
import type { Mistake, MistakeText } from '../report-data.ts';
import { said } from './table.ts';

/** The wrong answers the model was surest of, with the texts it read and what it relied on. */
export function mistakesSection(mistakes: readonly Mistake[]): Html | undefined {
  if (mistakes.length === 0) return undefined;
  return html`<h4>Worst mistakes</h4>
<p class="note">Wrong answers the model was surest of. Often the label is what is wrong.</p>
<ol class="mistakes">${mistakes.map(
    (mistake) => html`<li>
<p class="verdict"><span class="answer wrong"><span class="what">answered</span> ${values(mistake.predicted)}</span>
<span class="answer right"><span class="what">truth</span> ${values(mistake.truth)}</span>
<span class="what">confidence ${shareFigure(mistake.confidence)}</span></p>
${mistake.texts.map(
  (text) =>
    html`<p class="read"><span class="what">${text.field}</span> <bdi>${marked(excerpt(text, 280))}</bdi></p>`,
)}
<p class="what">${said(mistake.product)}${mistake.category !== undefined && html` · ${said(mistake.category)}`}</p></li>
`,
  )}</ol>`;
}

function values(list: readonly string[]): Html {
  return list.length === 0 ? html`<em>none</em>` : said(list.join(', '));
}

/**
 * At most `limit` UTF-16 units of a text, around its first evidence where there is one, never cutting a character in
 * two; cut ends are marked with an ellipsis and the evidence moves along.
 */
export function excerpt({ field, text, evidence }: MistakeText, limit: number): MistakeText {
  if (text.length <= limit) return { field, text, evidence };
  const middle = evidence[0] === undefined ? 0 : (evidence[0].start + evidence[0].end) / 2;
  let start = Math.max(0, Math.min(text.length - limit, Math.round(middle - limit / 2)));
  let end = start + limit;
  if (splitsPair(text, start)) start++;
  if (splitsPair(text, end)) end--;
  const [before, after] = [start > 0 ? '… ' : '', end < text.length ? ' …' : ''];
  const shift = before.length - start;
  return {
    field,
    text: before + text.slice(start, end) + after,
    evidence: evidence
      .map((span) => ({ start: Math.max(start, span.start) + shift, end: Math.min(end, span.end) + shift }))
      .filter((span) => span.start < span.end),
  };
}

function splitsPair(text: string, at: number): boolean {
  const before = text.charCodeAt(at - 1);
  const after = text.charCodeAt(at);
  return before >= 0xd800 && before <= 0xdbff && after >= 0xdc00 && after <= 0xdfff;
}

/** The text with its evidence marked; spans that overlap are marked once, spans outside the text are not. */
function marked({ text, evidence }: MistakeText): Html {
  const parts: Html[] = [];
  let at = 0;
  for (const span of evidence.toSorted((a, b) => a.start - b.start)) {
    const start = Math.max(at, span.start);
    const end = Math.min(text.length, span.end);
    if (start >= end) continue;
    parts.push(html`${text.slice(at, start)}<mark>${text.slice(start, end)}</mark>`);
    at = end;
  }
  parts.push(html`${text.slice(at)}`);
  return html`${parts}`;
}
