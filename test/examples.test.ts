import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

/** The example uses the built package, as a user does: `npm test` builds first. */
it('the example of the library trains, and answers with the colour that the title tells', () => {
  const example = fileURLToPath(new URL('../examples/train-and-predict.mjs', import.meta.url));
  const printed = execFileSync(process.execPath, [example], { encoding: 'utf8' });
  expect(printed).toContain('1 attribute on test products');
  expect(printed).toContain('color: Blue');
});
