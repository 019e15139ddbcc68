import { z } from 'zod';
import { UNIT_SYMBOLS } from './values/unit-table.ts';
import { findUnits } from './values/units.ts';

/** The symbol of a unit in attune.yaml; another way to write it is refused with the symbol that is meant. */
export const unitSymbol = z.string().superRefine((unit, context) => {
  if (UNIT_SYMBOLS.includes(unit)) return;
  const meant = findUnits(unit)[0];
  context.addIssue({
    code: 'custom',
    message: meant
      ? `this unit is written ${JSON.stringify(meant.symbol)}`
      : `must be a unit that Attune knows: ${UNIT_SYMBOLS.join(', ')}`,
    params: { candidates: UNIT_SYMBOLS },
  });
});
