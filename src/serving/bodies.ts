/** How bodies are read, checked and written: JSON and streams of lines, by zod, as plain JSON. */
import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { AttuneError } from '../base/errors.ts';
import { NDJSON_TYPE } from './api/predict.ts';
import type { RequestErrorCode } from './errors.ts';
import { parseJson } from './prediction-service.ts';
import { invalidRequest } from './request-faults.ts';

/** @param model - named where a field is unknown */
export function bodies(server: FastifyInstance, model: string): void {
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
  server.setValidatorCompiler<z.ZodType>(({ schema, httpPart }) => (value) => {
    // Each line is checked by itself.
    if (value instanceof Readable) return { value };
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data };
    const at = httpPart === 'body' ? 'The body' : 'The query';
    return { error: invalidRequest(result.error.issues, schema, value, { model, at }) };
  });
  // What goes out is typed by its contract; checking it again would only cost time.
  server.setSerializerCompiler(() => (answer) => JSON.stringify(answer));
}

function refuseEncoded(request: FastifyRequest): void {
  const encoding = request.headers['content-encoding'];
  if (encoding === undefined || encoding === 'identity') return;
  throw new AttuneError<RequestErrorCode>(
    'serving/unsupported-media-type',
    `The body is encoded as ${encoding}. The service reads bodies that are not encoded.`,
  );
}
