import { fusionKindsOf } from '../models/attribute/frozen.ts';
import { modalitiesOf } from '../models/attribute/fusion.ts';
import type { AttributeModelSpec, FusionKind } from '../models/attribute/spec.ts';
import type { ModelConfig } from '../training/config.ts';

/** The ways to join modalities that `model.fusion: auto` trains; none where there is nothing to choose. */
export function fusionsTried(
  { fusion }: Pick<ModelConfig, 'fusion'>,
  spec: AttributeModelSpec,
): readonly FusionKind[] {
  const answers = spec.choices.length + spec.numbers.length > 0;
  return fusion === 'auto' && answers && modalitiesOf(spec).length > 1 ? fusionKindsOf(spec) : [];
}
