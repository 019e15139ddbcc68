/** One attribute of a model more closely: where it is sure and right, and what it takes for what. */
import { useCallback, useId, useState } from 'react';
import type { AttributeDetail, AttributeFigures, DetailAnswer } from '../../src/serving/api/figures.ts';
import { share } from '../figure.ts';
import { type Column, FigureTable } from '../figure-table.tsx';
import { useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';
import { Coverage } from './coverage.tsx';
import { Reliability } from './reliability.tsx';

export function Closer({
  model,
  version,
  attributes,
}: {
  readonly model: string;
  readonly version: string;
  readonly attributes: readonly AttributeFigures[];
}) {
  const [chosen, setChosen] = useState(attributes[0]!.attribute);
  const figuresOf = (name: string) => attributes.find(({ attribute }) => attribute === name);
  const name = (figuresOf(chosen) ?? attributes[0]!).attribute;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the figures are those of the version that is live now
  const load = useCallback(
    (signal: AbortSignal) =>
      ask<DetailAnswer>(`v1/models/${encodeURIComponent(model)}/figures/${encodeURIComponent(name)}`, {
        signal,
      }),
    [model, version, name],
  );
  const id = useId();
  return (
    <>
      <div className="narrow">
        <label htmlFor={id}>
          Look closer at <span className="heard">an attribute of {model}</span>
        </label>
        <select id={id} value={name} onChange={(event) => setChosen(event.target.value)}>
          {attributes.map(({ attribute }) => (
            <option key={attribute}>{attribute}</option>
          ))}
        </select>
      </div>
      <Waiting loaded={useLoaded(load)}>
        {({ version: measured, detail }) =>
          detail === null ? (
            <p className="note">
              This model was trained by a version that kept no charts. Its <code>report.html</code> has them.
            </p>
          ) : detail.products === 0 ? (
            <p className="note">No test product says the true value, so nothing can be said of it.</p>
          ) : (
            <Detail
              key={`${measured} ${detail.attribute}`}
              detail={detail}
              threshold={figuresOf(detail.attribute)?.threshold ?? null}
            />
          )
        }
      </Waiting>
    </>
  );
}

function Detail({
  detail,
  threshold,
}: {
  readonly detail: AttributeDetail;
  readonly threshold: number | null;
}) {
  const { attribute, products, coverage, calibration, confusions, slices } = detail;
  return (
    <>
      <div className="charts">
        {coverage.length === 0 ? null : (
          <Coverage points={coverage} products={products} threshold={threshold} />
        )}
        {calibration === null ? null : <Reliability calibration={calibration} />}
      </div>
      {confusions === null ? null : (
        <>
          <h4>What it takes for what</h4>
          {confusions.pairs.length === 0 ? (
            <p className="note">No value was taken for another.</p>
          ) : (
            <>
              <p className="note">
                {confusions.wrong} of {products} products were given another value.
              </p>
              <FigureTable
                caption={`Most frequent confusions of ${attribute}`}
                columns={CONFUSIONS}
                rows={confusions.pairs}
              />
            </>
          )}
        </>
      )}
      {slices.length === 0 ? null : (
        <>
          <h4>By slice, the worst first</h4>
          <FigureTable caption={`Accuracy of ${attribute} by slice`} columns={SLICES} rows={slices} />
        </>
      )}
    </>
  );
}

type Confusion = NonNullable<AttributeDetail['confusions']>['pairs'][number];

const CONFUSIONS: readonly Column<Confusion>[] = [
  { name: 'True value', heads: true, cell: ({ truth }) => <bdi>{truth}</bdi> },
  { name: 'Answered', cell: ({ answered }) => <bdi>{answered}</bdi> },
  { name: 'Products', cell: ({ products }) => products },
];

const SLICES: readonly Column<AttributeDetail['slices'][number]>[] = [
  { name: 'By', cell: ({ by }) => by },
  { name: 'Slice', heads: true, cell: ({ slice }) => <bdi>{slice}</bdi> },
  { name: 'Products', cell: ({ products }) => products },
  { name: 'Right', cell: ({ accuracy }) => share(accuracy) },
  {
    name: 'Interval',
    cell: ({ interval }) => (interval === null ? '–' : `${share(interval.low)} to ${share(interval.high)}`),
  },
  { name: 'Than all', cell: ({ flag }) => flag ?? '' },
];
