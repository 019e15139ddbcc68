/** Where a file's attributes stand: as the reader finds it, and by the names of its columns. */
import { detectLayout } from '../layout.ts';
import type { Source } from '../source.ts';
import type { Layout } from '../spec.ts';
import { nameWords } from './column-names.ts';

const ATTRIBUTE = /^(?:attribute|attr|property|characteristic|merkmal|attribut)(?: (?:name|key|id|label))?$/;
const VALUE = /^(?:(?:attribute|attr|property|characteristic) )?(?:value|wert|valeur)(?: (?:name|label))?$/;
const PRODUCT = /^(?:id|sku|asin|handle|(?:product|item)(?: (?:id|code))?)$/;

/** Columns called attribute and value are long rows even where no product comes twice: each row asks another thing. */
export async function layoutOf(source: Source): Promise<Layout> {
  const detected = await detectLayout(source);
  if (detected.kind !== 'columns') return detected;
  const called = (pattern: RegExp) =>
    source.columns.find(({ name }) => pattern.test(nameWords(name).join(' ')))?.name;
  const attribute = called(ATTRIBUTE);
  const value = called(VALUE);
  const product = called(PRODUCT);
  if (attribute === undefined || value === undefined || product === undefined) return detected;
  return { kind: 'long', product, attribute, value };
}
