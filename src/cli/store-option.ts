/** How commands are told which store. */
export const STORE_OPTION = [
  '--store <where>',
  'a folder, or a postgres:// address; DATABASE_URL, else the folder attune-store, when left out',
] as const;

/** "3 products, 12 attribute values": what there is any of. @param nothing - what to say where there is none */
export function saidRecords(
  records: Readonly<Record<string, number>>,
  nothing = 'nothing (the store is empty)',
): string {
  const parts = Object.entries(records)
    .filter(([, count]) => count > 0)
    .map(([table, count]) => `${count} ${table.replaceAll(/_|(?=[A-Z])/g, ' ').toLowerCase()}`);
  return parts.length === 0 ? nothing : parts.join(', ');
}
