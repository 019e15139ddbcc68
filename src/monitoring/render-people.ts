/** What was found of reviewers and of labels, as tables for a terminal. */
import { percent } from '../evaluation/percent.ts';
import { textTable } from '../evaluation/report/text-table.ts';
import type { ReviewerReport } from './people/reviewers.ts';
import type { Suspect } from './people/suspects.ts';

/** Rows of a table that may be long. */
const MOST_ROWS = 50;

const left = (name: string) => ({ name, align: 'left' as const });
const right = (name: string) => ({ name, align: 'right' as const });
const figure = (value: number | undefined) => (value === undefined ? '' : value.toFixed(2));

export function renderReviewers({ reviewers, agreement, disputed }: ReviewerReport): string {
  const people = textTable(
    [left('reviewer'), right('answers'), right('gold right'), right('of'), left('95%'), right('kappa')],
    reviewers.map(({ reviewer, reviews, gold, kappa }) => [
      ...[reviewer, String(reviews)],
      ...(gold
        ? [
            ...[percent(gold.right / gold.reviews), String(gold.reviews)],
            `${percent(gold.interval.low)} to ${percent(gold.interval.high)}`,
          ]
        : ['', '', '']),
      figure(kappa),
    ]),
  );
  const attributes = Object.entries(agreement);
  const alphas =
    attributes.length === 0
      ? ''
      : `\n${textTable(
          [left('attribute'), right('alpha')],
          attributes.map(([attribute, alpha]) => [attribute, figure(alpha)]),
        )}`;
  const table =
    disputed.length === 0
      ? ''
      : `\n${textTable(
          [left('disputed'), left('attribute'), left('answers')],
          disputed.slice(0, MOST_ROWS).map(({ product, attribute, answers }) => [
            ...[product, attribute],
            Object.entries(answers)
              .map(([who, value]) => `${who}: ${value.replaceAll('\n', '; ')}`)
              .join(', '),
          ]),
        )}`;
  return `${people}${alphas}${table}${more(disputed.length)}`;
}

export function renderSuspects(
  attributes: readonly {
    readonly attribute: string;
    readonly suspects: readonly Suspect[];
    readonly labels: number;
    readonly learned: number;
  }[],
): string {
  return attributes
    .map(({ attribute, suspects, labels, learned }) => {
      const heading = `\n${suspects.length} of ${labels} labels of ${attribute} are doubted; ${learned} that the model learned were not looked at.\n`;
      const ofNumbers = suspects.some((suspect) => 'deviations' in suspect);
      const table = textTable(
        [left('product'), left('label'), right(ofNumbers ? 'deviations' : 'probability'), left('rather')],
        suspects
          .slice(0, MOST_ROWS)
          .map((suspect) => [
            ...[suspect.id, suspect.label],
            'deviations' in suspect ? suspect.deviations.toFixed(1) : suspect.confidence.toFixed(3),
            suspect.instead,
          ]),
      );
      return `${heading}${suspects.length === 0 ? '' : table}${more(suspects.length)}`;
    })
    .join('');
}

const more = (count: number) =>
  count > MOST_ROWS ? `${count - MOST_ROWS} more; --json lists them all.\n` : '';
