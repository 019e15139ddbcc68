/** How things stand: what waits for people, how often they agree with the models, and which models answer. */
import { useCallback } from 'react';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import type { ReviewFiguresAnswer } from '../../src/serving/api/reviews.ts';
import { percent } from '../answer/said.ts';
import { FigureTable } from '../figure-table.tsx';
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

function Reviews({
  figures: { products, leased, attributes, people },
}: {
  readonly figures: ReviewFiguresAnswer;
}) {
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
        <FigureTable
          caption="How often people say what the model suggested"
          columns={[
            { name: 'Attribute', heads: true, cell: ({ attribute }) => attribute },
            { name: 'Answers', cell: ({ answers }) => answers },
            { name: 'Agreed', cell: ({ answers, agreed }) => percent(agreed / answers) },
          ]}
          rows={attributes}
        />
      )}
      <h3>How often two people say the same</h3>
      {people.length === 0 ? (
        <p className="note">No two people have answered about the same product.</p>
      ) : (
        <>
          <FigureTable
            caption="How often two people say the same"
            columns={[
              { name: 'Attribute', heads: true, cell: ({ attribute }) => attribute },
              { name: 'Products that two said', cell: (figures) => figures.products },
              { name: 'Agreed', cell: ({ pairs, agreed }) => percent(agreed / pairs) },
            ]}
            rows={people}
          />
          <p>
            <a href={addressOf('review', ['settle'])}>Where people disagree</a>
          </p>
        </>
      )}
    </>
  );
}
