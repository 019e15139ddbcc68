/** How bodies are read, checked and written: JSON and streams of lines, by zod, as plain JSON. */
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest, FastifySchemaCompiler } from 'fastify';
import type { z } from 'zod';
import { AttuneError } from '../base/errors.ts';
import { NDJSON_TYPE } from './api/predict.ts';
import type { RequestErrorCode } from './errors.ts';
import { parseJson } from './prediction-service.ts';
import { invalidRequest } from './request-faults.ts';

export function bodies(server: FastifyInstance): void {
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(
    'application/json',
    { parseAs: 'string' },
    async (request: FastifyRequest, text: string) => {
      refuseEncoded(request);
      return parseJson(text.startsWith('\uFEFF') ? text.slice(1) : text, 'The body');
    },
  );
  // A stream is as long as it likes; its lines are bounded where they are read.
  server.addContentTypeParser(NDJSON_TYPE, async (request: FastifyRequest, body: Readable) => {
    refuseEncoded(request);
    return body;
  });
  server.setValidatorCompiler<z.ZodType>(validate);
  // What goes out is typed by its contract; checking it again would only cost time.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
}

const validate: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart }) =>
  (value) => {
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data };
    const at = httpPart === 'body' ? 'The body' : 'The query';
    return { error: invalidRequest(result.error.issues, schema, value, { at }) };
  };

/** For a route that checks its body itself: its contract depends on what the body says. */
export const validateAllButBody: FastifySchemaCompiler<unknown> = (route) =>
  route.httpPart === 'body'
    ? (value) => ({ value })
    : validate({ ...route, schema: route.schema as z.ZodType });

/** @throws AttuneError `serving/unsupported-media-type` for a body that is packed */
export function refuseEncoded(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw new AttuneError<RequestErrorCode>(
    'serving/unsupported-media-type',
    `The body is encoded as ${encoding}. The service reads bodies that are not encoded.`,
  );
}
