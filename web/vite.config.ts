import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** The page as files that `attune serve` sends: relative addresses, and no script or style inside the HTML, as its policy wants. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  base: './',
  logLevel: 'warn',
  build: {
    outDir: fileURLToPath(new URL('../dist/page', import.meta.url)),
    emptyOutDir: true,
    assetsDir: 'page',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
