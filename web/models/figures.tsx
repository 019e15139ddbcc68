/** How good a model was on its test products, attribute by attribute. */
import { useCallback } from 'react';
import type { AttributeFigures, FiguresAnswer } from '../../src/serving/api/figures.ts';
import { useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';

export function Figures({ model, version }: { readonly model: string; readonly version: string }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the figures are those of the version that is live now
  const load = useCallback(
    (signal: AbortSignal) => ask<FiguresAnswer>(`v1/models/${encodeURIComponent(model)}/figures`, { signal }),
    [model, version],
  );
  return (
    <>
      <h3>On the test products of its training</h3>
      <Waiting loaded={useLoaded(load)}>
        {({ attributes }) =>
          attributes.length === 0 ? (
            <p className="note">It came without figures.</p>
          ) : (
            <div className="wide">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Attribute</th>
                    <th scope="col">Products</th>
                    <th scope="col">Right</th>
                    <th scope="col">Precision</th>
                    <th scope="col">Recall</th>
                    <th scope="col">auto from</th>
                    <th scope="col">so many are auto</th>
                    <th scope="col">right of them</th>
                  </tr>
                </thead>
                <tbody>
                  {attributes.map((figures) => (
                    <Row key={figures.attribute} figures={figures} />
                  ))}
                </tbody>
              </table>
            </div>
          )
        }
      </Waiting>
    </>
  );
}

function Row({ figures }: { readonly figures: AttributeFigures }) {
  const { accuracyInterval: range, meanAbsoluteError: error, unit } = figures;
  return (
    <tr>
      <th scope="row">
        <bdi>{figures.attribute}</bdi>
      </th>
      <td>{figures.products}</td>
      <td>
        {share(figures.accuracy)}
        {range === null ? null : (
          <small className="optional">
            {' '}
            {share(range.low)} to {share(range.high)}
          </small>
        )}
        {error === null ? null : ` off by ${Number(error.toPrecision(3))}${unit === null ? '' : ` ${unit}`}`}
      </td>
      <td>{share(figures.precision)}</td>
      <td>{share(figures.recall)}</td>
      <td>{figures.threshold === null ? 'never' : share(figures.threshold)}</td>
      <td>{share(figures.coverage)}</td>
      <td>{share(figures.acceptedPrecision)}</td>
    </tr>
  );
}

const share = (part: number | null) => (part === null ? '–' : `${(100 * part).toFixed(1)}%`);
