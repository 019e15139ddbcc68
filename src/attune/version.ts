import { createRequire } from 'node:module';

/** Attune's own version, from its package.json, wherever this file is compiled to. */
export const VERSION = (createRequire(import.meta.url)('#package.json') as { version: string }).version;
