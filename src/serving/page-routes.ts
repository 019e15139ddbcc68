import { readdir, readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { FastifyInstance } from 'fastify';
import { AttuneError } from '../base/errors.ts';
import type { RequestErrorCode } from './errors.ts';
import { PAGE_POLICY } from './security-headers.ts';

/** Where `npm run build` puts the page of `web/`; the same place seen from `src/serving` and from `dist/serving`. */
const FOLDER = new URL('../../dist/page/', import.meta.url);

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** The page for people at `/`, and its scripts and styles, read once. Their names change with their content. */
export async function pageRoutes(server: FastifyInstance): Promise<void> {
  const files = await filesOfPage();
  if (!files.includes('index.html')) {
    server.get('/', { schema: { hide: true } }, () => {
      throw new AttuneError<RequestErrorCode>(
        'serving/page-missing',
        `The page was not built: ${FOLDER.pathname} holds no index.html. The API is served all the same.`,
        { hint: 'Run `npm run build` in a checkout, or install Attune again.' },
      );
    });
    return;
  }
  for (const file of files) {
    const content = await readFile(new URL(file, FOLDER), 'utf8');
    const isHtml = file === 'index.html';
    server.get(isHtml ? '/' : `/${file}`, { schema: { hide: true } }, (_request, reply) =>
      reply
        .type(TYPES[extname(file)]!)
        .header('content-security-policy', PAGE_POLICY)
        .header('cache-control', isHtml ? 'no-cache' : 'public, max-age=31536000, immutable')
        .send(content),
    );
  }
}

/** Relative to its folder, with slashes; none where it was not built. */
async function filesOfPage(): Promise<string[]> {
  const found = await readdir(FOLDER, { recursive: true }).catch(() => []);
  return found.filter((file) => extname(file) in TYPES).map((file) => file.replaceAll('\\', '/'));
}
