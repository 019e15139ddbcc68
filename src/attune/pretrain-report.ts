/** What is told of a pretraining: a table, and beside the encoder a model card, a report to read and one for programs. */
import { stringify } from 'yaml';
import { renderReport } from '../evaluation/report/render-report.ts';
import type { MaskedScores } from '../training/judge-masked.ts';
import type { EpochRecord } from '../training/run-folder.ts';
import type { AttuneConfig } from './config.ts';
import { percent } from './pair-report.ts';
import type { PretrainPlan, PretrainResult } from './pretrain-plan.ts';
import { VERSION } from './version.ts';

type Figures = Pick<PretrainResult, 'test' | 'before' | 'bestStep'>;

const NAME_COLUMNS = 34;
const FIGURE_COLUMNS = 10;

/** Loss, masked accuracy and probes on the test products, at the start and at the end. */
export function pretrainTable({ test, before, bestStep }: Figures): string {
  if (!test) return `No test product has a word, so nothing was tested; step ${bestStep} was kept.\n`;
  const line = (name: string, cells: readonly string[]) =>
    `${name.padEnd(NAME_COLUMNS)}${cells.map((cell) => cell.padStart(FIGURE_COLUMNS)).join('')}\n`;
  return [
    `Hidden words of the test products, ${test.guesses} guesses (best step ${bestStep})\n`,
    line('', ['before', 'after']),
    ...rowsOf(test, before).map(([name, cells]) => line(name, cells)),
  ].join('');
}

function rowsOf(
  test: MaskedScores,
  before: MaskedScores | undefined,
): readonly (readonly [name: string, cells: readonly string[]])[] {
  const both = (of: (scores: MaskedScores) => string | undefined) => [
    (before && of(before)) ?? '-',
    of(test) ?? '-',
  ];
  return [
    ['loss (nats)', both(({ loss }) => loss.toFixed(3))],
    ['masked accuracy, %', both(({ accuracy }) => percent(accuracy))],
    ...test.probes.flatMap(({ attribute, commonest }, i) => [
      [`${attribute}: retrieval@1, %`, both(({ probes }) => show(probes[i]?.retrieval))] as const,
      [`${attribute}: linear probe, %`, both(({ probes }) => show(probes[i]?.accuracy))] as const,
      [`${attribute}: commonest value, %`, ['', percent(commonest)]] as const,
    ]),
  ];
}

const show = (share: number | undefined) => (share === undefined ? undefined : percent(share));

/** What charts show of a judgement, by name. */
export function maskedFigures(scores: MaskedScores | undefined): Readonly<Record<string, number>> {
  if (scores === undefined) return {};
  return {
    'dev/loss': scores.loss,
    'dev/masked_accuracy': scores.accuracy,
    ...Object.fromEntries(
      scores.probes.flatMap(({ attribute, retrieval, accuracy }) => [
        [`dev/${attribute}/retrieval@1`, retrieval],
        [`dev/${attribute}/probe`, accuracy],
      ]),
    ),
  };
}

export type PretrainReportInputs = Figures & {
  readonly plan: PretrainPlan;
  /** By step. */
  readonly history: readonly EpochRecord[];
  readonly config: AttuneConfig;
  /** The command that makes the figures again. */
  readonly command: string | undefined;
};

/** File name -> its text. */
export function pretrainReport(inputs: PretrainReportInputs): Readonly<Record<string, string>> {
  const { plan, test, before, bestStep, history, command } = inputs;
  const figures = {
    version: VERSION,
    command: command ?? null,
    plan,
    bestStep,
    test,
    before,
    history: history.map(({ epoch, trainLoss, devResults }) => ({ step: epoch, trainLoss, dev: devResults })),
  };
  return {
    'README.md': cardOf(inputs),
    'report.html': pageOf(inputs),
    'report.json': `${JSON.stringify(figures, null, 2)}\n`,
  };
}

const stepsOf = ({ steps }: PretrainPlan) => steps.rounds * steps.stepsPerRound;

function cardOf(inputs: PretrainReportInputs): string {
  const { plan, config, command } = inputs;
  return `# An encoder of texts

Made by Attune ${VERSION} from ${plan.start}, by guessing hidden words (whole words, ${config.pretrain?.guessed ?? 0.15} of the tokens).

- Texts: ${plan.products} products, ${plan.tokens} tokens; ${stepsOf(plan)} steps of ${plan.steps.rowsPerStep} rows of ${plan.maxTokens} tokens
- Seed: ${config.training.seed}${command === undefined ? '' : `\n- Command: \`${command}\``}

\`\`\`
${pretrainTable(inputs)}\`\`\`

\`\`\`
attune train products.csv --set model.text=FOLDER
\`\`\`

FOLDER is this one, as \`./NAME\`; transformers reads it with \`AutoModelForMaskedLM\`. Step by step: \`report.html\`, \`report.json\`, and
\`events\` for TensorBoard.
`;
}

function pageOf({ plan, test, before, bestStep, history, config, command }: PretrainReportInputs): string {
  return renderReport({
    title: `Attune pretrain: ${config.data.path === undefined ? 'catalog' : [config.data.path].flat().join(', ')}`,
    facts: [
      { label: 'Texts', value: `${plan.products} products, ${plan.tokens} tokens` },
      { label: 'Model', value: plan.start },
      { label: 'Best step', value: `${bestStep} of ${stepsOf(plan)}` },
      ...(test ? rowsOf(test, before) : []).map(([label, [first, last]]) => ({
        label,
        value: first === '' ? last! : `${first} before, ${last} after`,
      })),
      { label: 'Attune', value: VERSION },
    ],
    command,
    config: stringify(config),
    warnings: plan.warnings,
    training: {
      devMetric: 'masked accuracy',
      bestEpoch: bestStep,
      unit: 'step',
      epochs: history.map(({ epoch, trainLoss, devResults }) => {
        const dev = devResults as MaskedScores | undefined;
        return { epoch, trainLoss, devLoss: dev?.loss, devMetric: dev?.accuracy };
      }),
    },
    attributes: [],
    thresholdMethod: undefined,
    gates: [],
  });
}
