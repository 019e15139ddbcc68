/** The README of a bundle: what the model is, what it was trained on, how well it does, how to use it. */

import type { AttributeResult } from '../evaluation/attribute-result.ts';
import { MODALITIES_LEGEND, renderModalities } from '../evaluation/report/render-modalities.ts';
import { renderTables } from '../evaluation/report/render-tables.ts';
import type { AttributeModelSpec } from '../models/attribute/spec.ts';
import type { BundleFile } from '../prediction/bundle-file.ts';
import type { Collected } from '../prediction/collect.ts';
import type { TrainPlan } from './plan.ts';

export function modelCard(
  file: Omit<BundleFile, 'format' | 'blend' | 'members' | 'generator'>,
  plan: TrainPlan,
  tested: readonly Collected[],
): string {
  const { train, dev, test } = plan.products;
  return `# Attribute model

Made by Attune ${file.version} from ${plan.start}${plan.decoder ? `; texts by ${plan.decoder.start}` : ''}.

- Reads: ${readBy(file.model).join(', ')}${file.model.categoryContext ? ', with the category as context' : ''}
- Predicts: ${file.attributes.map(({ schema }) => `${schema.name} (${schema.kind})`).join(', ')}
- Products: ${train} train, ${dev} dev, ${test} test; ${plan.labelledProducts} training products have a label
- Data, config and start: ${file.fingerprint}

Figures on the test products, which neither training nor tuning has seen:

\`\`\`
${renderTables(file.metrics.test as readonly AttributeResult[])}\`\`\`
${modalities(file.metrics)}${writtenTexts(tested)}
${file.metrics.thresholdMethod}

\`\`\`
attune predict --model . products.csv --out predicted.csv
\`\`\`

\`model.safetensors\` holds the encoder under its checkpoint names and the heads beside it; \`attune.json\` says how they
fit together.${plan.decoder ? ' `decoder` holds what writes texts: a GPT-2 folder, which transformers loads.' : ''} Details and mistakes: \`report.html\`.
`;
}

/** Names of the inputs. */
function readBy({ fields, media = [], tableInputs = [], behaviour }: AttributeModelSpec): readonly string[] {
  const inputs = [...fields.map(({ name }) => name), ...[...media, ...tableInputs].map(({ field }) => field)];
  return behaviour ? [...inputs, behaviour.field] : inputs;
}

/** Texts of each attribute that are shown. */
const SHOWN = 3;

/** The first texts of the test products beside the true ones. */
function writtenTexts(tested: readonly Collected[]): string {
  const lines = tested
    .filter(({ kind }) => kind === 'generate')
    .flatMap(({ attribute, answers, truth, products }) =>
      answers.slice(0, SHOWN).map(({ values }, i) => {
        const label = truth[i]!;
        const right = label.state === 'values' ? label.values : [];
        return `- ${attribute} of ${products[i]!.id}: ${quoted(values.map(String))}; in the catalog: ${quoted(right)}`;
      }),
    );
  return lines.length === 0 ? '' : `\nTexts that it wrote for test products:\n\n${lines.join('\n')}\n`;
}

const quoted = (texts: readonly string[]) =>
  texts.length === 0 ? 'none' : texts.map((text) => JSON.stringify(text)).join(', ');

/** What each modality gives, where there are several. */
function modalities({ test, alone }: BundleFile['metrics']): string {
  if (alone.length === 0) return '';
  const table = renderModalities(test as readonly AttributeResult[], alone);
  return `\nMicro F1 of the whole model, and of each modality with the others hidden:\n\n\`\`\`\n${table}\`\`\`\n\n${MODALITIES_LEGEND}\n`;
}
