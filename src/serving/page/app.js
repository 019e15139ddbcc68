/** The page for people: a product in, the model's answer out, with the places it read and what each modality added. */
import { byId, element, inputsOf, productOf, RESERVED } from './fields.js';

const TOP_K = 3;
/** Longer texts are shown up to here; a browser cannot lay out ten megabytes. */
const SHOWN_CHARACTERS = 20_000;
const SHOWN_CURL_CHARACTERS = 4_000;
/** Of a file's bytes the first few; the button copies all. */
const SHOWN_BYTES = /(;base64,[\w+/]{16})[\w+/=]+/g;
const MARKS = 8;
const STATUS_ORDER = ['auto', 'review', 'abstain'];
const STATUS_MEANING = {
  auto: 'Sure enough to be taken as it is',
  review: 'A person should look at it',
  abstain: 'Nothing to say',
};

/** What it reads and gives; `GET /v1/models`. */
let model;
let latest = 0;

async function start() {
  const answer = await fetch('v1/models');
  if (!answer.ok) throw new Error(`The service answered ${answer.status}.`);
  [model] = (await answer.json()).models;
  const names = model.attributes.map(({ name }) => name);
  byId('model').textContent = `${model.name}, ${names.length} attribute${names.length === 1 ? '' : 's'}`;
  byId('model').title = names.join(', ');
  byId('fields').replaceChildren(...inputsOf(model));
  byId('predict').disabled = false;
}

async function predict() {
  const turn = ++latest;
  byId('problem').hidden = true;
  byId('predict').disabled = true;
  byId('answer').setAttribute('aria-busy', 'true');
  const started = performance.now();
  try {
    const product = await productOf(model);
    const several = model.media.length + model.cells.length > 0;
    const request = { products: [product], topK: TOP_K, ...(several ? { contributions: true } : {}) };
    const response = await fetch('v1/products:predict', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    const answer = await response.json();
    if (turn !== latest) return;
    if (!response.ok) throw new Error([answer.detail, answer.hint].filter(Boolean).join(' '));
    show(answer, product, request, performance.now() - started);
  } catch (error) {
    if (turn === latest) complain(error);
  } finally {
    if (turn === latest) {
      byId('predict').disabled = false;
      byId('answer').removeAttribute('aria-busy');
    }
  }
}

function complain(error) {
  const unreachable = error instanceof TypeError;
  byId('problem').textContent = unreachable
    ? 'The service does not answer. Is it still running?'
    : error.message;
  byId('problem').hidden = false;
}

function show(answer, product, request, milliseconds) {
  const [prediction] = answer.predictions;
  const all = Object.entries(prediction.attributes).map(([name, said]) => ({ name, ...said }));
  const spoken = all
    .filter((said) => said.status !== 'abstain' || said.value !== null || said.notApplicable)
    .sort(
      (a, b) =>
        STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) || b.confidence - a.confidence,
    );
  const marks = new Map(
    spoken.filter(({ evidence }) => evidence.length > 0).map(({ name }, i) => [name, (i % MARKS) + 1]),
  );
  byId('attributes').replaceChildren(...spoken.map((said) => attribute(said, marks.get(said.name))));
  const silent = all.filter((said) => !spoken.some(({ name }) => name === said.name));
  note(
    'silent',
    'Nothing to say of: ',
    silent.map(({ name }) => name),
  );
  note('missing', 'Required, and still to be filled: ', prediction.missing);
  note(
    'unread',
    'Could not be read: ',
    prediction.problems.map(({ field, reason }) => `${field} (${reason.replace(/\.$/, '')})`),
  );
  const shown = texts(product, spoken, marks);
  byId('texts').replaceChildren(...shown);
  byId('evidence').hidden = shown.length === 0;
  const curl = curlOf(request);
  byId('copy').dataset.command = curl;
  const brief = curl.replaceAll(SHOWN_BYTES, '$1…');
  byId('curl').textContent =
    brief.length > SHOWN_CURL_CHARACTERS ? `${brief.slice(0, SHOWN_CURL_CHARACTERS)} …` : brief;
  byId('json').textContent = JSON.stringify(answer, null, 2);
  byId('result').hidden = false;
  byId('summary').textContent = summary(spoken, milliseconds);
  // On a phone the answer stands below what can be seen.
  if (byId('attributes').getBoundingClientRect().top > 0.75 * innerHeight) byId('answer').scrollIntoView();
}

function summary(spoken, milliseconds) {
  if (spoken.length === 0) return 'The model has nothing to say of this product.';
  const parts = STATUS_ORDER.map((status) => [spoken.filter((said) => said.status === status).length, status])
    .filter(([count]) => count > 0)
    .map(([count, status]) => `${count} ${{ auto: 'sure', review: 'to review', abstain: 'open' }[status]}`);
  return `${parts.join(', ')}. Answered in ${Math.max(1, Math.round(milliseconds))} ms.`;
}

function attribute(said, mark) {
  const swatch = element('span', { className: 'swatch', 'aria-hidden': 'true' });
  if (mark !== undefined) swatch.dataset.mark = String(mark);
  const percent = `${Math.round(said.confidence * 100)}%`;
  const filled = element('span');
  filled.style.width = percent;
  const others = said.alternatives.filter(({ value }) => value !== said.value);
  const item = element(
    'li',
    {},
    element('span', { className: 'name' }, swatch, said.name),
    element('span', { className: said.value === null ? 'value none' : 'value', dir: 'auto' }, written(said)),
    element(
      'span',
      { className: 'sure' },
      element(
        'span',
        { className: `status ${said.status}`, title: STATUS_MEANING[said.status] },
        said.status,
      ),
      element('span', { className: 'bar', 'aria-hidden': 'true' }, filled),
      element(
        'span',
        { className: 'percent' },
        element('span', { className: 'heard' }, 'confidence '),
        percent,
      ),
    ),
  );
  if (others.length > 0) {
    const list = others.map(({ value, confidence }) => `${value} ${Math.round(confidence * 100)}%`);
    item.append(element('span', { className: 'others' }, `or ${list.join(', ')}`));
  }
  if (said.contributions !== undefined) item.append(contributions(said));
  return item;
}

/** What each modality added to the answer, the most first; points are hundredths of a probability. */
function contributions({ contributions: { baseline, parts }, value, unit }) {
  const isNumber = typeof value === 'number';
  const written = (part) =>
    isNumber ? `${part.toFixed(0)}${unit === undefined ? '' : ` ${unit}`}` : `${Math.round(100 * part)}`;
  const list = Object.entries(parts)
    .sort(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([name, part], i) =>
      element(
        'span',
        { className: i === 0 && part > 0 ? 'part most' : 'part' },
        `${name} ${part < 0 ? '−' : '+'}${written(Math.abs(part))}`,
      ),
    );
  const title = `${written(baseline)} without knowing anything; with what each modality added it comes to ${isNumber ? 'the answer' : "the model's own probability, in points"}`;
  return element('span', { className: 'parts', title }, ...list.flatMap((part) => [part, ' ']));
}

function written({ value, unit, notApplicable }) {
  if (notApplicable) return 'not applicable';
  if (value === null) return 'none';
  const text = Array.isArray(value) ? value.join(', ') : String(value);
  return unit === undefined ? text : `${text} ${unit}`;
}

function note(id, lead, names) {
  byId(id).hidden = names.length === 0;
  byId(id).textContent = `${lead}${names.join(', ')}.`;
}

/** Each text in which something was read, cut where any of the places begins or ends: places may overlap. */
function texts(product, spoken, marks) {
  return model.fields.flatMap((field) => {
    const text = (RESERVED.includes(field) ? product.texts?.[field] : product[field]) ?? '';
    const spans = spoken.flatMap(({ name, evidence }) =>
      evidence.filter((span) => span.field === field).map((span) => ({ ...span, name })),
    );
    if (spans.length === 0) return [];
    const end = Math.min(text.length, SHOWN_CHARACTERS);
    const cuts = [...new Set([0, end, ...spans.flatMap((span) => [span.start, span.end])])]
      .filter((cut) => cut <= end)
      .sort((a, b) => a - b);
    const pieces = cuts.slice(1).map((to, i) => piece(text, cuts[i], to, spans, marks));
    if (text.length > end) pieces.push(' …');
    return [element('h4', {}, field), element('p', { dir: 'auto' }, ...pieces)];
  });
}

function piece(text, from, to, spans, marks) {
  const here = spans.filter((span) => span.start <= from && span.end >= to);
  if (here.length === 0) return text.slice(from, to);
  const names = [...new Set(here.map(({ name }) => name))].join(', ');
  const marked = element('mark', {}, text.slice(from, to));
  marked.dataset.mark = String(marks.get(here[0].name));
  if (here.some((span) => span.end === to)) marked.append(' ', element('span', { className: 'tag' }, names));
  return marked;
}

function curlOf(request) {
  const quoted = JSON.stringify(request).replaceAll("'", "'\\''");
  return `curl ${new URL('v1/products:predict', location.href)} -H 'content-type: application/json' -d '${quoted}'`;
}

async function copy() {
  const button = byId('copy');
  try {
    await navigator.clipboard.writeText(button.dataset.command);
    button.textContent = 'Copied';
  } catch {
    getSelection().selectAllChildren(byId('curl'));
    button.textContent = 'Selected: press Ctrl+C';
  }
  setTimeout(() => {
    button.textContent = 'Copy';
  }, 2000);
}

byId('product').addEventListener('submit', (event) => {
  event.preventDefault();
  predict();
});
byId('product').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && !byId('predict').disabled) {
    event.preventDefault();
    predict();
  }
});
byId('clear').addEventListener('click', () => {
  latest++;
  byId('product').reset();
  byId('result').hidden = true;
  byId('problem').hidden = true;
  byId('predict').disabled = false;
  byId('summary').textContent = 'Fill in a title, or more, and press “Predict attributes”.';
  byId('field-0').focus();
});
byId('copy').addEventListener('click', copy);
start().catch(complain);
