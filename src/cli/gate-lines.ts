import pc from 'picocolors';

/** What became of each gate, for a terminal. */
export function gateLines(
  gates: readonly { readonly passed: boolean; readonly explanation: string }[],
): readonly string[] {
  return gates.map(
    ({ passed, explanation }) => `${passed ? pc.green('passed') : pc.red('failed')} ${explanation}`,
  );
}
