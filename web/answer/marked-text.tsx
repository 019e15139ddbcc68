/** Texts in which a model read something, with the places marked. */
import type { Said } from './said.ts';

/** Longer texts are shown up to here; a browser cannot lay out ten megabytes. */
const SHOWN_CHARACTERS = 20_000;

type Span = { readonly field: string; readonly start: number; readonly end: number; readonly name: string };

/** @param marks - the colour of each attribute, 1 to 8 */
export function MarkedTexts({
  texts,
  fields,
  said,
  marks,
}: {
  readonly texts: Readonly<Record<string, string>>;
  readonly fields: readonly string[];
  readonly said: readonly Pick<Said, 'name' | 'evidence'>[];
  readonly marks: ReadonlyMap<string, number>;
}) {
  const spans = said.flatMap(({ name, evidence }) => evidence.map((span) => ({ ...span, name })));
  return (
    <dl className="texts">
      {fields.map((field) => (
        <div key={field}>
          <dt>{field}</dt>
          <dd dir="auto">
            <MarkedText
              text={texts[field] ?? ''}
              spans={spans.filter((span) => span.field === field)}
              marks={marks}
            />
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Cut where any of the places begins or ends: places may overlap. */
function MarkedText({
  text,
  spans,
  marks,
}: {
  readonly text: string;
  readonly spans: readonly Span[];
  readonly marks: ReadonlyMap<string, number>;
}) {
  const end = Math.min(text.length, SHOWN_CHARACTERS);
  const cuts = [...new Set([0, end, ...spans.flatMap((span) => [span.start, span.end])])]
    .filter((cut) => cut <= end)
    .sort((a, b) => a - b);
  return (
    <>
      {cuts.slice(1).map((to, i) => {
        const from = cuts[i]!;
        const here = spans.filter((span) => span.start <= from && span.end >= to);
        if (here.length === 0) return text.slice(from, to);
        const names = [...new Set(here.map(({ name }) => name))].join(', ');
        return (
          <mark key={from} data-mark={marks.get(here[0]!.name)}>
            {text.slice(from, to)}
            {here.some((span) => span.end === to) ? <span className="tag"> {names}</span> : null}
          </mark>
        );
      })}
      {text.length > end ? ' …' : null}
    </>
  );
}
