/** Currencies and units that cells name beside their numbers. Numbers of two currencies, or of a weight and a length, do not compare. */
import { normaliseQuantity } from './quantity.ts';
import { unitOf } from './units.ts';

const SYMBOLS: Readonly<Record<string, string>> = {
  $: 'USD',
  US$: 'USD',
  A$: 'AUD',
  AU$: 'AUD',
  C$: 'CAD',
  CA$: 'CAD',
  NZ$: 'NZD',
  HK$: 'HKD',
  R$: 'BRL',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₹': 'INR',
  '₽': 'RUB',
  '₩': 'KRW',
  '₺': 'TRY',
  ZŁ: 'PLN',
};
/** Of ISO 4217, those that shops price in; longer than a unit, so that no unit is taken for one. */
const CODES =
  'USD|EUR|GBP|JPY|CHF|CNY|INR|CAD|AUD|NZD|HKD|SGD|SEK|NOK|DKK|PLN|CZK|HUF|RON|BGN|TRY|RUB|UAH|BRL|MXN|KRW|ZAR|ILS|AED|SAR|THB|IDR|MYR|PHP|VND';
const CURRENCY = new RegExp(
  `(?<!\\p{L})(?:(?:US|AU?|CA?|NZ|HK|R)?\\$|zł(?!\\p{L})|(?:${CODES})(?!\\p{L}))|[€£¥₹₽₩₺]`,
  'iu',
);

/** ISO code of the currency that a cell names; "$" alone is the dollar of the United States. */
export function currencyIn(cell: string): string | undefined {
  const found = CURRENCY.exec(cell)?.[0].toUpperCase();
  return found && (SYMBOLS[found] ?? found);
}

/** Counts what the cells of one column name. */
export class WrittenUnits {
  readonly #found = new Map<string, { readonly name: string; readonly example: string; count: number }>();
  readonly #converted: boolean;

  /** @param converted - whether units of one dimension are converted to one of them, and so are no two */
  constructor({ converted = false }: { readonly converted?: boolean } = {}) {
    this.#converted = converted;
  }

  /** Cells that hold the number alone say nothing. */
  add(cell: string, times = 1): void {
    if (/^[\d.,\s'+-]*$/.test(cell)) return;
    const currency = currencyIn(cell);
    const quantity = currency === undefined ? normaliseQuantity(cell, undefined) : undefined;
    const name = currency ?? (quantity?.ok ? quantity.unit : undefined);
    if (name === undefined) return;
    const key = (this.#converted && currency === undefined && unitOf(name)?.dimension) || name;
    const known = this.#found.get(key);
    if (known) known.count += times;
    else this.#found.set(key, { name, example: cell.trim(), count: times });
  }

  /** 'USD (12, e.g. "12 USD"), EUR (9, e.g. "11 EUR")', the most frequent first; undefined where there are no two. */
  get mixed(): string | undefined {
    if (this.#found.size < 2) return undefined;
    return [...this.#found.values()]
      .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
      .map(({ name, example, count }) => `${name} (${count}, e.g. ${JSON.stringify(example)})`)
      .join(', ');
  }
}
