/** How things stand: what waits for people, how often they agree with the models, and which models answer. */
import { useCallback } from 'react';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import type { ReviewFiguresAnswer } from '../../src/serving/api/reviews.ts';
import { percent } from '../answer/said.ts';
import { useLoaded, Waiting } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { ask } from '../service.ts';

export function OverviewPage() {
  const models = useCallback(
    (signal: AbortSignal) => ask<{ models: ModelAnswer[] }>('v1/models', { signal }),
    [],
  );
  const reviews = useCallback(
    (signal: AbortSignal) => ask<ReviewFiguresAnswer>('v1/reviews', { signal }),
    [],
  );
  return (
    <>
      <h1>Overview</h1>
      <div className="two">
        <section className="panel" aria-labelledby="queue-heading">
          <h2 id="queue-heading">What waits for people</h2>
          <Waiting loaded={useLoaded(reviews)}>{(figures) => <Reviews figures={figures} />}</Waiting>
        </section>
        <section className="panel" aria-labelledby="answering-heading">
          <h2 id="answering-heading">Which models answer</h2>
          <Waiting loaded={useLoaded(models)}>
            {({ models: served }) => (
              <ul className="plain">
                {served.map(({ name, version, attributes, versions }) => (
                  <li key={name}>
                    <a href={addressOf('models')}>
                      <bdi>{name}</bdi>
                    </a>{' '}
                    version {version}, {attributes.length} attributes
                    {versions.length > 1 ? `, ${versions.length - 1} more loaded` : ''}
                  </li>
                ))}
              </ul>
            )}
          </Waiting>
        </section>
      </div>
    </>
  );
}

function Reviews({ figures: { products, leased, attributes } }: { readonly figures: ReviewFiguresAnswer }) {
  return (
    <>
      <p>
        <a href={addressOf('review')}>
          {products} product{products === 1 ? '' : 's'}
        </a>
        {leased > 0 ? `, ${leased} of them before somebody now` : ''}.
      </p>
      <h3>How often people say what the model suggested</h3>
      {attributes.length === 0 ? (
        <p className="note">Nobody has answered yet.</p>
      ) : (
        <div className="wide">
          <table>
            <thead>
              <tr>
                <th scope="col">Attribute</th>
                <th scope="col">Answers</th>
                <th scope="col">Agreed</th>
              </tr>
            </thead>
            <tbody>
              {attributes.map(({ attribute, answers, agreed }) => (
                <tr key={attribute}>
                  <th scope="row">{attribute}</th>
                  <td>{answers}</td>
                  <td>{percent(agreed / answers)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </>
  );
}
