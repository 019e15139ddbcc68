/** The README of a bundle: what the model is, what it was trained on, how well it does, how to use it. */

import type { AttributeResult } from '../evaluation/attribute-result.ts';
import { renderModalities } from '../evaluation/report/render-modalities.ts';
import { renderTables } from '../evaluation/report/render-tables.ts';
import type { BundleFile } from '../prediction/bundle-file.ts';
import type { TrainPlan } from './plan.ts';

export function modelCard(
  file: Omit<BundleFile, 'format' | 'blend' | 'members' | 'generator'>,
  plan: TrainPlan,
): string {
  const { train, dev, test } = plan.products;
  return `# Attribute model

Made by Attune ${file.version} from ${plan.start}.

- Reads: ${file.model.fields.map(({ name }) => name).join(', ')}${file.model.categoryContext ? ', with the category as context' : ''}
- Predicts: ${file.attributes.map(({ schema }) => `${schema.name} (${schema.kind})`).join(', ')}
- Products: ${train} train, ${dev} dev, ${test} test; ${plan.labelledProducts} training products have a label
- Data, config and start: ${file.fingerprint}

Figures on the test products, which neither training nor tuning has seen:

\`\`\`
${renderTables(file.metrics.test as readonly AttributeResult[])}\`\`\`
${modalities(file.metrics)}
${file.metrics.thresholdMethod}

\`\`\`
attune predict --model . products.csv --out predicted.csv
\`\`\`

\`model.safetensors\` holds the encoder under its checkpoint names and the heads beside it; \`attune.json\` says how they
fit together. Details and mistakes: \`report.html\`.
`;
}

/** What each modality gives, where there are several. */
function modalities({ test, alone }: BundleFile['metrics']): string {
  if (alone.length === 0) return '';
  const table = renderModalities(test as readonly AttributeResult[], alone);
  return `\nMicro F1 of the whole model, and of each modality with the others hidden:\n\n\`\`\`\n${table}\`\`\`\n`;
}
