/** What shoppers do, and how event files spell it. */
import { sqlText } from '../sql.ts';

export const EVENT_KINDS = ['view', 'cart', 'purchase', 'return', 'search'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** Compared in lower case, without what is no letter: "Add-To-Cart" is addtocart. */
const SPELLINGS: Readonly<Record<EventKind, string>> = {
  view: 'view views viewed viewitem itemview productview productviewed viewproduct pageview detail detailpageview click clicked',
  cart: 'cart carts addtocart addedtocart productadded basket addtobasket atc',
  purchase:
    'purchase purchases purchased buy bought order orders ordered ordercompleted transaction sale sold checkout',
  return: 'return returns returned refund refunds refunded cancellation cancelled',
  search: 'search searches searched query productssearched',
};

/**
 * @param text - SQL of a text
 * @returns SQL of its kind; null when it is none
 */
export function eventKindSql(text: string): string {
  const letters = `regexp_replace(lower(${text}), '[^a-z]', '', 'g')`;
  const cases = EVENT_KINDS.map((kind) => {
    const spellings = SPELLINGS[kind].split(' ').map(sqlText).join(', ');
    return `WHEN ${letters} IN (${spellings}) THEN '${kind}'`;
  });
  return `CASE ${cases.join(' ')} END`;
}
