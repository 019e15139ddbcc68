/** The answer of a model for one product. */
import { useState } from 'react';
import type { PredictionAnswer } from '../../src/serving/api/predict.ts';
import { AttributeRow } from '../answer/attribute-row.tsx';
import { MarkedTexts } from '../answer/marked-text.tsx';
import type { Said } from '../answer/said.ts';
import { type Answered, curlOf } from './product.ts';

const STATUS_ORDER = ['auto', 'review', 'abstain'] as const;
const STATUS_WORDS = { auto: 'sure', review: 'to review', abstain: 'open' };
const MARKS = 8;
const SHOWN_CURL_CHARACTERS = 4_000;
/** Of a file's bytes the first few; the button copies all. */
const SHOWN_BYTES = /(;base64,[\w+/]{16})[\w+/=]+/g;

export function AnswerOf({
  answered,
  fields,
}: {
  readonly answered: Answered | undefined;
  readonly fields: readonly string[];
}) {
  const prediction = answered?.answer.predictions[0];
  const all = prediction === undefined ? [] : saidOf(prediction);
  const spoken = all
    .filter((said) => said.status !== 'abstain' || said.value !== null || said.notApplicable)
    .sort(
      (a, b) =>
        STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) || b.confidence - a.confidence,
    );
  return (
    <>
      <p id="summary" className="note" role="status">
        {answered === undefined
          ? 'Fill in a title, or more, and press “Predict attributes”.'
          : summary(spoken, answered.milliseconds)}
      </p>
      {answered === undefined || prediction === undefined ? null : (
        <Result answered={answered} prediction={prediction} spoken={spoken} all={all} fields={fields} />
      )}
    </>
  );
}

function Result({
  answered: { request, draft, answer },
  prediction,
  spoken,
  all,
  fields,
}: {
  readonly answered: Answered;
  readonly prediction: PredictionAnswer;
  readonly spoken: readonly Said[];
  readonly all: readonly Said[];
  readonly fields: readonly string[];
}) {
  const marked = spoken.filter(({ evidence }) => evidence.length > 0);
  const marks = new Map(marked.map(({ name }, i) => [name, (i % MARKS) + 1]));
  const silent = all.filter((said) => !spoken.includes(said)).map(({ name }) => name);
  const problems = prediction.problems.map(({ field, reason }) => `${field} (${reason.replace(/\.$/, '')})`);
  const read = fields.filter((field) =>
    marked.some(({ evidence }) => evidence.some((at) => at.field === field)),
  );
  return (
    <div id="result">
      <ul className="attributes">
        {spoken.map((said) => (
          <AttributeRow key={said.name} said={said} mark={marks.get(said.name)} />
        ))}
      </ul>
      <Note id="silent" lead="Nothing to say of" names={silent} />
      <Note id="missing" lead="Required, and still to be filled" names={prediction.missing} />
      <Note id="unread" lead="Could not be read" names={problems} />
      {read.length === 0 ? null : (
        <section id="evidence" aria-labelledby="evidence-heading">
          <h3 id="evidence-heading">Where it stands in the text</h3>
          <MarkedTexts texts={draft.texts} fields={read} said={marked} marks={marks} />
        </section>
      )}
      <Command command={curlOf(request)} />
      <details>
        <summary>The whole answer</summary>
        <pre id="json">{JSON.stringify(answer, null, 2)}</pre>
      </details>
    </div>
  );
}

const saidOf = (prediction: PredictionAnswer): Said[] =>
  Object.entries(prediction.attributes).map(([name, said]) => ({ name, ...said }));

function summary(spoken: readonly Said[], milliseconds: number): string {
  if (spoken.length === 0) return 'The model has nothing to say of this product.';
  const parts = STATUS_ORDER.map((status) => ({
    status,
    count: spoken.filter((said) => said.status === status).length,
  }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => `${count} ${STATUS_WORDS[status]}`);
  return `${parts.join(', ')}. Answered in ${Math.max(1, Math.round(milliseconds))} ms.`;
}

function Note({
  id,
  lead,
  names,
}: {
  readonly id: string;
  readonly lead: string;
  readonly names: readonly string[];
}) {
  return names.length === 0 ? null : (
    <p id={id} className="note">
      {lead}: {names.join(', ')}.
    </p>
  );
}

function Command({ command }: { readonly command: string }) {
  const [said, setSaid] = useState('Copy');
  const brief = command.replaceAll(SHOWN_BYTES, '$1…');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(command);
      setSaid('Copied');
    } catch {
      getSelection()?.selectAllChildren(document.getElementById('curl')!);
      setSaid('Selected: press Ctrl+C');
    }
    setTimeout(() => setSaid('Copy'), 2000);
  };
  return (
    <section aria-labelledby="curl-heading">
      <div className="titled">
        <h3 id="curl-heading">The same from a command line</h3>
        <button type="button" className="quiet" onClick={() => void copy()}>
          {said}
        </button>
      </div>
      <pre id="curl">
        {brief.length > SHOWN_CURL_CHARACTERS ? `${brief.slice(0, SHOWN_CURL_CHARACTERS)} …` : brief}
      </pre>
    </section>
  );
}
