/** What is told of an alignment: a table, and beside the encoders a model card, a report to read and one for programs. */
import { stringify } from 'yaml';
import { renderReport } from '../evaluation/report/render-report.ts';
import type { PairScores } from '../training/judge-pairs.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import type { AlignPlan } from './align-plan.ts';
import type { AttuneConfig } from './config.ts';
import { VERSION } from './version.ts';

/** How the encoders did on the test products, and how they had done before. */
export type PairFigures = {
  /** Undefined where no two test products differ. */
  readonly test: PairScores | undefined;
  readonly before: PairScores | undefined;
  readonly bestEpoch: number;
};

type Recalls = PairScores['pictureToText'];

const RANKS = [1, 5, 10] as const;
const NAME_COLUMNS = 26;
const FIGURE_COLUMNS = 10;

/** "Which belongs to which, among 34 test products", with recall among the first 1, 5 and 10. */
export function pairTable({ test, before, bestEpoch }: PairFigures): string {
  if (!test)
    return `No two test products have texts and pictures that differ, so nothing was tested; epoch ${bestEpoch} was kept.\n`;
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(NAME_COLUMNS)}${cells.map((cell) => cell.padStart(FIGURE_COLUMNS)).join('')}\n`;
  return [
    `Which belongs to which, among ${test.products} test products (best epoch ${bestEpoch})\n`,
    line(
      '',
      RANKS.map((rank) => `recall@${rank}`),
    ),
    ...rowsOf(test, before).map(([name, recalls]) =>
      line(
        name,
        RANKS.map((rank) => percent(recalls[rank])),
      ),
    ),
  ].join('');
}

export function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function rowsOf(test: PairScores, before: PairScores | undefined): readonly (readonly [string, Recalls])[] {
  const chance = (rank: number) => Math.min(1, rank / test.products);
  return [
    ['picture to text', test.pictureToText],
    ['text to picture', test.textToPicture],
    ...(before
      ? ([
          ['before: picture to text', before.pictureToText],
          ['before: text to picture', before.textToPicture],
        ] as const)
      : []),
    ['by chance', { 1: chance(1), 5: chance(5), 10: chance(10) }],
  ];
}

export type PairReportInputs = PairFigures & {
  readonly plan: AlignPlan;
  readonly history: readonly EpochRecord[];
  readonly config: AttuneConfig;
  /** The command that makes the figures again. */
  readonly command: string | undefined;
};

/** File name -> its text. */
export function pairReport(inputs: PairReportInputs): Readonly<Record<string, string>> {
  return {
    'README.md': cardOf(inputs),
    'report.html': pageOf(inputs),
    'report.json': `${JSON.stringify(figuresOf(inputs), null, 2)}\n`,
  };
}

function figuresOf({ plan, test, before, bestEpoch, history, command }: PairReportInputs) {
  return { version: VERSION, command: command ?? null, plan, bestEpoch, test, before, history };
}

function cardOf(inputs: PairReportInputs): string {
  const { plan, config } = inputs;
  const { train, dev, test } = plan.pairs;
  return `# Encoders of texts and pictures

Made by Attune ${VERSION} from ${plan.start}: a text and the picture of the same product lie near each other.

- Pairs: ${train} train, ${dev} dev, ${test} test products with a text and a picture
- Seed: ${config.training.seed}

\`\`\`
${pairTable(inputs)}\`\`\`

\`\`\`
attune train products.csv --set model.image=FOLDER
\`\`\`

FOLDER is this one, as \`./NAME\`. Epoch by epoch: \`report.html\`, \`report.json\`, and \`events\` for TensorBoard.
`;
}

function pageOf({ plan, test, before, bestEpoch, history, config, command }: PairReportInputs): string {
  const { pairs } = plan;
  const recalls = test ? rowsOf(test, before) : [];
  return renderReport({
    title: `Attune align: ${config.data.path === undefined ? 'catalog' : [config.data.path].flat().join(', ')}`,
    facts: [
      {
        label: 'Pairs of a text and a picture',
        value: `${pairs.train} train, ${pairs.dev} dev, ${pairs.test} test`,
      },
      { label: 'Model', value: plan.start },
      { label: 'Best epoch', value: `${bestEpoch} of ${history.length}` },
      ...recalls.map(([name, at]) => ({
        label: `Recall, ${name}`,
        value: RANKS.map((rank) => `@${rank} ${percent(at[rank])} %`).join(', '),
      })),
      { label: 'Attune', value: VERSION },
    ],
    command,
    config: stringify(config),
    warnings: plan.warnings,
    training: {
      devMetric: 'mean recall',
      bestEpoch,
      epochs: history.map(({ epoch, trainLoss, devScore }) => ({
        epoch,
        trainLoss,
        devLoss: undefined,
        devMetric: devScore,
      })),
    },
    attributes: [],
    thresholdMethod: undefined,
    gates: [],
  });
}
