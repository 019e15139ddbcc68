/** A table of any length: only the rows that can be seen are in the page. */
import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef } from 'react';
import type { StoredProductAnswer } from '../../src/serving/api/records.ts';
import { percent } from '../answer/said.ts';
import { Failed } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { PROVENANCE_WORDS } from './filter.ts';
import { useRows } from './rows.ts';

/** Two lines of text, however large the reader has made it. */
const rowPixels = () => 3.65 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
/** The next page is fetched when so few rows are left below. */
const AHEAD = 30;

export function ProductTable({ filter }: { readonly filter: string }) {
  const { products, ended, busy, error, more } = useRows(filter);
  const box = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: products.length,
    getScrollElement: () => box.current,
    estimateSize: rowPixels,
    overscan: 8,
  });
  const rows = virtual.getVirtualItems();
  const last = rows.at(-1)?.index ?? -1;
  useEffect(() => {
    if (products.length > 0 && last >= products.length - AHEAD && error === undefined) more();
  }, [last, products.length, error, more]);
  const query = new URLSearchParams(filter);
  const attribute = query.get('attribute') ?? undefined;
  return (
    <>
      <p role="status" className="note">
        {busy && products.length === 0
          ? 'Loading …'
          : `${products.length}${ended ? '' : ' or more'} product${products.length === 1 && ended ? '' : 's'}`}
      </p>
      {error === undefined ? null : <Failed error={error} again={more} />}
      {products.length === 0 ? (
        busy || error !== undefined ? null : (
          <p className="panel">
            {filter === ''
              ? 'The store holds no products. PUT them under v1/products, or predict them with their id.'
              : 'No product is so.'}
          </p>
        )
      ) : (
        <div className="scroll panel" ref={box}>
          {/* biome-ignore lint/a11y/useSemanticElements: rows that stand at places of their own cannot be rows of a table element */}
          <div role="table" aria-label="Products" aria-rowcount={ended ? products.length + 1 : -1}>
            {/* biome-ignore lint/a11y/useSemanticElements: see above */}
            {/* biome-ignore lint/a11y/useFocusableInteractive: a row of a table that is read only takes no focus */}
            <div role="row" aria-rowindex={1} className="row head">
              <Cell kind="columnheader">Product</Cell>
              <Cell kind="columnheader">Category</Cell>
              <Cell kind="columnheader">{attribute ?? 'Attributes'}</Cell>
            </div>
            {/* biome-ignore lint/a11y/useSemanticElements: see above */}
            <div role="rowgroup" className="rows" style={{ height: virtual.getTotalSize() }}>
              {rows.map(({ index, start, size }) => (
                <Row
                  key={products[index]!.id}
                  product={products[index]!}
                  attribute={attribute}
                  index={index}
                  start={start}
                  size={size}
                  address={addressOf('catalog', [products[index]!.id], query)}
                />
              ))}
            </div>
          </div>
        </div>
      )}
    </>
  );
}

function Cell({
  kind,
  children,
}: {
  readonly kind: 'cell' | 'columnheader';
  readonly children: React.ReactNode;
}) {
  return <div role={kind}>{children}</div>;
}

function Row({
  product,
  attribute,
  index,
  start,
  size,
  address,
}: {
  readonly product: StoredProductAnswer;
  readonly attribute: string | undefined;
  readonly index: number;
  readonly start: number;
  readonly size: number;
  readonly address: string;
}) {
  const title = titleOf(product);
  return (
    // biome-ignore lint/a11y/useSemanticElements: see above
    // biome-ignore lint/a11y/useFocusableInteractive: its link takes the focus
    <div
      role="row"
      aria-rowindex={index + 2}
      className="row"
      style={{ transform: `translateY(${start}px)`, height: size }}
    >
      <Cell kind="cell">
        <a href={address}>
          <bdi>{title ?? product.id}</bdi>
        </a>
        {title === undefined ? null : <small>{product.id}</small>}
      </Cell>
      <Cell kind="cell">
        {product.category ?? ''}
        {product.supplier === null ? null : <small>{product.supplier}</small>}
      </Cell>
      <Cell kind="cell">
        {attribute === undefined ? (
          <All product={product} />
        ) : (
          <One product={product} attribute={attribute} />
        )}
      </Cell>
    </div>
  );
}

function All({ product }: { readonly product: StoredProductAnswer }) {
  const answered = product.values.filter(({ provenance }) => provenance.startsWith('person'));
  const open = product.predictions.filter(
    ({ attribute, status }) =>
      status === 'review' && !answered.some((value) => value.attribute === attribute),
  ).length;
  return (
    <>
      <bdi>
        {product.values
          .map(({ attribute, values }) => `${attribute}: ${values.join(', ') || 'not applicable'}`)
          .join(' · ')}
      </bdi>
      {open === 0 ? null : <small>{open} to review</small>}
    </>
  );
}

function One({ product, attribute }: { readonly product: StoredProductAnswer; readonly attribute: string }) {
  const value = product.values.find((one) => one.attribute === attribute);
  const said = product.predictions.find((one) => one.attribute === attribute);
  return (
    <>
      <bdi>{value === undefined ? 'no value' : value.values.join(', ') || 'not applicable'}</bdi>
      <small>
        {value === undefined ? '' : `said by ${PROVENANCE_WORDS[value.provenance]}`}
        {said === undefined ? '' : ` · model ${percent(said.confidence)} ${said.status}`}
      </small>
    </>
  );
}

/** The first text of a product, which says most of what it is. */
function titleOf({ fields }: StoredProductAnswer): string | undefined {
  const texts = Object.values(fields).filter((value): value is string => typeof value === 'string');
  return (typeof fields.title === 'string' ? fields.title : texts[0])?.slice(0, 200) || undefined;
}
