/** One product: its texts with what was read in them, each attribute with who says so, and what was said before. */
import { useCallback } from 'react';
import type { HistoryAnswer } from '../../src/serving/api/history.ts';
import type { StoredProductAnswer } from '../../src/serving/api/records.ts';
import { Sure } from '../answer/attribute-row.tsx';
import { MarkedTexts } from '../answer/marked-text.tsx';
import { percent, written } from '../answer/said.ts';
import { useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';
import { PROVENANCE_WORDS } from './filter.ts';

const MARKS = 8;

type Seen = { readonly product: StoredProductAnswer; readonly history: HistoryAnswer };

export function ProductPage({ id, back }: { readonly id: string; readonly back: string }) {
  const load = useCallback(
    async (signal: AbortSignal): Promise<Seen> => {
      const at = `v1/products/${encodeURIComponent(id)}`;
      const [product, history] = await Promise.all([
        ask<StoredProductAnswer>(at, { signal }),
        ask<HistoryAnswer>(`${at}/history`, { signal }),
      ]);
      return { product, history };
    },
    [id],
  );
  return (
    <>
      <p>
        <a href={back}>Back to the catalog</a>
      </p>
      <Waiting loaded={useLoaded(load)}>{(seen) => <Product {...seen} />}</Waiting>
    </>
  );
}

function Product({ product, history }: Seen) {
  const texts = Object.fromEntries(
    Object.entries(product.fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
  const marked = product.predictions.filter(({ evidence }) => evidence.length > 0);
  const marks = new Map(marked.map(({ attribute }, i) => [attribute, (i % MARKS) + 1]));
  const said = marked.map(({ attribute, evidence }) => ({ name: attribute, evidence }));
  return (
    <div className="two">
      <section className="panel" aria-labelledby="product-heading">
        <h1 id="product-heading">
          <bdi>{product.id}</bdi>
        </h1>
        <p className="note">
          {[product.category, product.supplier, product.locale].filter(Boolean).join(' · ')}
        </p>
        <MarkedTexts texts={texts} fields={Object.keys(texts)} said={said} marks={marks} />
        {product.media.length === 0 ? null : (
          <>
            <h2>Pictures and sounds</h2>
            <ul>
              {product.media.map(({ field, reference }) => (
                <li key={`${field} ${reference}`} className="reference">
                  {field}: {reference.slice(0, 200)}
                </li>
              ))}
            </ul>
          </>
        )}
      </section>
      <section className="panel" aria-labelledby="attributes-heading">
        <h2 id="attributes-heading">Attributes</h2>
        <ul className="attributes">
          {attributesOf(product).map((name) => (
            <Attribute key={name} name={name} product={product} history={history} mark={marks.get(name)} />
          ))}
        </ul>
        <Past history={history} />
      </section>
    </div>
  );
}

function Attribute({
  name,
  product,
  history,
  mark,
}: {
  readonly name: string;
  readonly product: StoredProductAnswer;
  readonly history: HistoryAnswer;
  readonly mark: number | undefined;
}) {
  const value = product.values.find(({ attribute }) => attribute === name);
  const said = product.predictions.find(({ attribute }) => attribute === name);
  const others = (history.alternatives[name] ?? []).filter((other) => other.value !== said?.value);
  return (
    <li>
      <span className="name">
        <span className="swatch" aria-hidden="true" data-mark={mark} />
        {name}
      </span>
      <span className={value === undefined ? 'value none' : 'value'}>
        <bdi>{value === undefined ? 'no value' : inForce(value)}</bdi>
        {value === undefined ? null : (
          <small className="optional">
            {' '}
            said by {PROVENANCE_WORDS[value.provenance]}
            {value.who === null ? '' : ` (${value.who})`}
          </small>
        )}
      </span>
      {said === undefined ? <span /> : <Sure status={said.status} confidence={said.confidence} />}
      {said === undefined ? null : (
        <span className="others">
          {said.model} {said.version}: <bdi>{written(said)}</bdi>
          {others.length === 0
            ? ''
            : `, or ${others.map((other) => `${other.value} ${percent(other.confidence)}`).join(', ')}`}
        </span>
      )}
    </li>
  );
}

function Past({ history: { predictions, answers } }: { readonly history: HistoryAnswer }) {
  const entries = [
    ...predictions.map((said) => ({
      at: said.at,
      key: `prediction ${said.id}`,
      words: `${said.model} ${said.version}${said.shadow ? ' (shadow)' : ''} said ${said.attribute}: ${written(said)} (${percent(said.confidence)}, ${said.status})`,
    })),
    ...answers.map((answer) => ({
      at: answer.at,
      key: `answer ${answer.id}`,
      words: `${answer.who} said ${answer.attribute}: ${answer.values.join(', ') || 'not applicable'}`,
    })),
  ].sort((a, b) => (a.at < b.at ? 1 : -1));
  return (
    <>
      <h2>History</h2>
      {entries.length === 0 ? (
        <p className="note">Nothing was said before.</p>
      ) : (
        <ol className="history">
          {entries.map(({ key, at, words }) => (
            <li key={key}>
              <time dateTime={at}>{new Date(at).toLocaleString()}</time> <bdi>{words}</bdi>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

function attributesOf({ values, predictions }: StoredProductAnswer): string[] {
  return [...new Set([...values, ...predictions].map(({ attribute }) => attribute))].sort();
}

function inForce({ values, unit }: StoredProductAnswer['values'][number]): string {
  if (values.length === 0) return 'not applicable';
  return unit === null ? values.join(', ') : `${values.join(', ')} ${unit}`;
}
