/** `npm run build`: `dist`, when a source file changed; with `--page` the page alone, which tests in a browser need. */
import { build, buildPage, checkNode, installPackages } from './set-up.mjs';

checkNode();
installPackages();
if (process.argv.includes('--page')) buildPage();
else build();
