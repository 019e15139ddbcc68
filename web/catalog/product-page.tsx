/** One product: its texts with what was read in them, each attribute with who says so, and what was said before. */
import { useCallback } from 'react';
import type { HistoryAnswer } from '../../src/serving/api/history.ts';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import type { StoredProductAnswer } from '../../src/serving/api/records.ts';
import { MarkedTexts } from '../answer/marked-text.tsx';
import { Pictures } from '../answer/pictures.tsx';
import { percent, written } from '../answer/said.ts';
import { Failed, useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';
import { AttributeItem } from './attribute-item.tsx';
import { type Corrections, useCorrections } from './corrections.ts';

const MARKS = 8;

type Seen = { readonly product: StoredProductAnswer; readonly history: HistoryAnswer };

type Given = ModelAnswer['attributes'];

/** @param props.given - the attributes that models give: those without a value can be filled in, too */
export function ProductPage({
  id,
  back,
  given,
}: {
  readonly id: string;
  readonly back: string;
  readonly given: Given;
}) {
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
  const loaded = useLoaded(load);
  const corrections = useCorrections(id, loaded.reload);
  return (
    <>
      <p>
        <a href={back}>Back to the catalog</a>
      </p>
      <Waiting loaded={loaded}>
        {(seen) => <Product {...seen} given={given} corrections={corrections} />}
      </Waiting>
    </>
  );
}

function Product({
  product,
  history,
  given,
  corrections,
}: Seen & { readonly given: Given; readonly corrections: Corrections }) {
  const shown = new Set(product.pictures.map(({ hash }) => `sha256:${hash}`));
  const others = product.media.filter(({ reference }) => !shown.has(reference));
  const { last, busy, error, said: done, undo } = corrections;
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
        <Pictures pictures={product.pictures} />
        <MarkedTexts texts={texts} fields={Object.keys(texts)} said={said} marks={marks} />
        {others.length === 0 ? null : (
          <>
            <h2>Pictures and sounds</h2>
            <ul>
              {others.map(({ field, reference }) => (
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
          {attributesOf(product, given).map((name) => (
            <AttributeItem
              key={name}
              name={name}
              kind={given.find((one) => one.name === name)?.kind}
              value={product.values.find(({ attribute }) => attribute === name)}
              said={product.predictions.find(({ attribute }) => attribute === name)}
              alternatives={history.alternatives[name] ?? []}
              mark={marks.get(name)}
              corrections={corrections}
            />
          ))}
        </ul>
        <p role="status" className="note said">
          {done}
        </p>
        {error === undefined ? null : <Failed error={error} />}
        {last === undefined ? null : (
          <button type="button" className="quiet" disabled={busy} onClick={undo}>
            Undo <bdi>{last}</bdi>
          </button>
        )}
        <Past history={history} />
      </section>
    </div>
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

function attributesOf({ values, predictions }: StoredProductAnswer, given: Given): string[] {
  const said = [...values, ...predictions].map(({ attribute }) => attribute);
  return [...new Set([...said, ...given.map(({ name }) => name)])].sort();
}
