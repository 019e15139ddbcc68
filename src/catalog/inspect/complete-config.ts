/** What a user left out of the config, taken from an inspection; what they set stands. */
import { parseYamlConfig } from '../../base/config-errors.ts';
import { type CatalogConfig, catalogConfigSchema } from '../config.ts';
import { toConfigYaml } from './config-yaml.ts';
import type { Inspection } from './inspection.ts';

/**
 * Columns that the config does not name, the layout where it says nothing else than `columns` (which is what a config
 * without a layout says), inputs and attributes where it lists none.
 */
export function completeConfig(given: CatalogConfig, inspection: Inspection): CatalogConfig {
  const found = parseYamlConfig(toConfigYaml(inspection), catalogConfigSchema, 'attune.yaml');
  const { layout, attributesColumn, attributeColumn, valueColumn } =
    given.data.layout === 'columns' ? found.data : given.data;
  const splitGiven = given.data.split.by !== 'hash' || found.data.split.by === 'hash';
  return {
    data: {
      ...found.data,
      ...given.data,
      layout,
      attributesColumn,
      attributeColumn,
      valueColumn,
      split: splitGiven ? given.data.split : found.data.split,
    },
    inputs: Object.keys(given.inputs).length > 0 ? given.inputs : found.inputs,
    attributes: Object.keys(given.attributes).length > 0 ? given.attributes : found.attributes,
  };
}
