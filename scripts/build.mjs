/** `npm run build`: `dist`, when a source file changed. */
import { build, checkNode, installPackages } from './set-up.mjs';

checkNode();
installPackages();
build();
