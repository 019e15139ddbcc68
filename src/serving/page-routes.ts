import { readFile } from 'node:fs/promises';
import type { FastifyInstance } from 'fastify';
import { AttuneError } from '../base/errors.ts';
import type { ServingErrorCode } from './errors.ts';
import { PAGE_POLICY } from './security-headers.ts';

const FILES = [
  { url: '/', file: 'index.html', type: 'text/html; charset=utf-8' },
  { url: '/page/style.css', file: 'style.css', type: 'text/css; charset=utf-8' },
  { url: '/page/fields.js', file: 'fields.js', type: 'text/javascript; charset=utf-8' },
  { url: '/page/app.js', file: 'app.js', type: 'text/javascript; charset=utf-8' },
] as const;

/** The page for people at `/`, read once, from the folder `page` beside this file. */
export async function pageRoutes(server: FastifyInstance): Promise<void> {
  for (const { url, file, type } of FILES) {
    const content = await pageFile(file);
    server.get(url, { schema: { hide: true } }, (_request, reply) =>
      reply
        .type(type)
        .header('content-security-policy', PAGE_POLICY)
        .header('cache-control', 'no-cache')
        .send(content),
    );
  }
}

async function pageFile(file: string): Promise<string> {
  const url = new URL(`./page/${file}`, import.meta.url);
  try {
    return await readFile(url, 'utf8');
  } catch (cause) {
    throw new AttuneError<ServingErrorCode>(
      'serving/page-missing',
      `The page's file ${url.pathname} cannot be read.`,
      { hint: 'The installation is incomplete: build or install Attune again.', cause },
    );
  }
}
