/** Files of products: sent, looked at, deleted. */
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  fileContract,
  filesContract,
  idPathContract,
  UPLOAD_TYPE,
  uploadBodyContract,
  uploadQueryContract,
} from '../api/training.ts';
import { refuseEncoded } from '../bodies.ts';
import { REFUSALS, refused } from '../documentation.ts';
import type { Training } from './training.ts';

const NO_FILE = refused('There is no such file.');

export async function fileRoutes(server: FastifyInstance, training: Training): Promise<void> {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['training'], operationId, summary });
  await server.register(async (scope) => {
    // Of no other type: a file of JSON is bytes too.
    scope.removeAllContentTypeParsers();
    // A file is written as it comes, and is never whole in memory.
    scope.addContentTypeParser(UPLOAD_TYPE, async (request: FastifyRequest, body: Readable) => {
      refuseEncoded(request);
      return body;
    });
    scope.withTypeProvider<ZodTypeProvider>().post(
      '/v1/files',
      {
        config: { streamed: true },
        schema: {
          ...schema('uploadFile', 'Send a file of products, its bytes as application/octet-stream'),
          querystring: uploadQueryContract,
          consumes: [UPLOAD_TYPE],
          body: uploadBodyContract,
          response: { 201: fileContract, ...REFUSALS, 507: refused('The disk of the workspace is full.') },
        },
      },
      async ({ query, body, headers }, reply) => {
        const length = headers['content-length'];
        const announced = length === undefined ? undefined : Number(length);
        const file = await training.uploads.receive(body as Readable, query.name, announced);
        return reply.code(201).send(file);
      },
    );
  });
  typed.get(
    '/v1/files',
    { schema: { ...schema('listFiles', 'Files that were sent'), response: { 200: filesContract } } },
    async () => ({
      files: (await training.uploads.list()).map(({ inspection: _, ...file }) => file),
      maxBytes: training.maxUploadBytes,
    }),
  );
  typed.get(
    '/v1/files/:id',
    {
      schema: {
        ...schema('getFile', 'One file, with what stands in it where that is known'),
        params: idPathContract,
        response: { 200: fileContract, 404: NO_FILE },
      },
    },
    ({ params }) => training.uploads.get(params.id),
  );
  typed.post(
    '/v1/files/:id/inspect',
    {
      schema: {
        ...schema('inspectFile', 'What stands in a file, and a config to begin with'),
        params: idPathContract,
        response: { 200: fileContract, 404: NO_FILE, 422: refused('The file cannot be read.') },
      },
    },
    ({ params }) => training.inspect(params.id),
  );
  typed.delete(
    '/v1/files/:id',
    {
      schema: {
        ...schema('deleteFile', 'Delete a file'),
        params: idPathContract,
        response: { 200: fileContract, 404: NO_FILE, 409: refused('A run that has not finished reads it.') },
      },
    },
    ({ params }) => training.removeFile(params.id),
  );
}
