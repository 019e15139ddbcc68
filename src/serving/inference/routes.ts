/**
 * The Open Inference Protocol, version 2, over HTTP: what a client of Triton or KServe asks, answered by the same models.
 *
 * @see https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  EXTENSIONS,
  inferRequestContract,
  inferResponseContract,
  modelMetadataContract,
  modelReadyContract,
  serverMetadataContract,
  versionPathContract,
} from '../api/inference.ts';
import { modelPathContract } from '../api/models.ts';
import { refuseEncoded, validateAllButBody } from '../bodies.ts';
import { goneSignal } from '../client-gone.ts';
import { noSuchModel, REFUSALS } from '../documentation.ts';
import { answered, ask } from '../models/ask.ts';
import type { ModelRegistry } from '../models/registry.ts';
import type { ServedModel } from '../models/served-model.ts';
import type { ServedVersion } from '../models/served-version.ts';
import type { Metrics } from '../observe/metrics.ts';
import type { Limits } from '../options.ts';
import { parseJson } from '../prediction-service.ts';
import { JSON_LENGTH, splitBody, withBytes } from './binary.ts';
import { checked } from './checked.ts';
import { productsOf, tensorsOf, wantedOutputs } from './infer.ts';
import { repositoryRoutes } from './repository-routes.ts';
import { inputsOf, outputsOf } from './tensor-table.ts';

const PLATFORM = 'attune_bundle';

type VersionPath = { readonly model: string; readonly version?: string };

export type InferenceOptions = {
  readonly models: ModelRegistry;
  readonly limits: Limits;
  readonly metrics: Pick<Metrics, 'answer'>;
  /** Of Attune. */
  readonly version: string;
};

export async function inferenceRoutes(parent: FastifyInstance, options: InferenceOptions): Promise<void> {
  await parent.register(async (server) => {
    // Clients of the protocol send JSON and tensors under any content type, or none.
    server.removeAllContentTypeParsers();
    server.addContentTypeParser('*', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
      refuseEncoded(request);
      return body;
    });
    server.setValidatorCompiler(validateAllButBody);
    metadataRoutes(server, options);
    inferRoutes(server, options);
    repositoryRoutes(server, options.models);
  });
}

function metadataRoutes(server: FastifyInstance, { models, version }: InferenceOptions): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['inference'], operationId, summary });
  typed.get(
    '/v2',
    {
      schema: {
        ...schema('serverMetadata', 'The server and what it does beyond the protocol'),
        response: { 200: serverMetadataContract },
      },
    },
    () => ({ name: 'attune', version, extensions: [...EXTENSIONS] }),
  );
  for (const [path, params, ofVersion] of paths('')) {
    typed.get(
      path,
      {
        schema: {
          ...schema(`${ofVersion}Metadata`, 'The tensors that a model reads and gives'),
          params,
          response: { 200: modelMetadataContract, 404: noSuchModel },
        },
      },
      ({ params }) => {
        const { model, served } = chosen(models, params);
        const { predictor } = served.opened;
        const shapeOf = (width: number) => [-1, width];
        return {
          name: model.name,
          versions: [...model.versions.keys()],
          platform: PLATFORM,
          inputs: inputsOf(predictor).map(({ name, datatype }) => ({ name, datatype, shape: shapeOf(1) })),
          outputs: outputsOf(predictor).map(({ name, datatype, width }) => ({
            name,
            datatype,
            shape: shapeOf(width),
          })),
        };
      },
    );
  }
  for (const [path, params, ofVersion] of paths('/ready')) {
    typed.get(
      path,
      {
        schema: {
          ...schema(`is${ofVersion === 'model' ? 'Model' : 'Version'}Ready`, 'Is it loaded?'),
          params,
          response: { 200: modelReadyContract, 404: noSuchModel },
        },
      },
      ({ params }) => ({ name: chosen(models, params).model.name, ready: true }),
    );
  }
}

function inferRoutes(server: FastifyInstance, { models, limits, metrics }: InferenceOptions): void {
  for (const [path, params, ofVersion] of paths('/infer')) {
    server.withTypeProvider<ZodTypeProvider>().post(
      path,
      {
        schema: {
          tags: ['inference'],
          operationId: ofVersion === 'model' ? 'infer' : 'inferWithVersion',
          summary: 'Predict from tensors',
          description:
            'Each text field is an input of its name, BYTES [n, 1]; so is each picture or sound (base64) and each category or date; a number is FP32 [n, 1]. Each attribute is an output of its name, and `.confidence`, `.status` and `.span` beside it. With the header `Inference-Header-Content-Length` tensors follow the JSON as bytes.',
          params,
          body: inferRequestContract,
          response: { 200: inferResponseContract, 404: noSuchModel, ...REFUSALS },
        },
      },
      async (request, reply) => {
        const body = request.body as unknown as Buffer | undefined;
        const { json, bytes } = splitBody(body ?? Buffer.alloc(0), request.headers[JSON_LENGTH]);
        const wanted = checked(inferRequestContract, parseJson(json, 'The body'));
        const { model, served, only } = chosen(models, request.params);
        const products = productsOf(wanted, bytes, served.opened.predictor, limits.maxProducts);
        // One answer has one version, so the first product's is that of all.
        const answers = only ?? (products[0] === undefined ? served : model.for(products[0]).answers);
        const outputs = wantedOutputs(wanted, answers.opened.predictor);
        const asked = await ask(
          products,
          { model, only: answers, topK: 0, contributions: false, signal: goneSignal(reply) },
          limits,
        );
        const predictions = asked.map((one, i) => answered(one, `the product of row ${i}`));
        for (const prediction of predictions) metrics.answer(prediction);
        request.answeredBy = { model: model.name, version: answers.version };
        const answer = {
          model_name: model.name,
          model_version: answers.version,
          ...(wanted.id === undefined ? {} : { id: wanted.id }),
          outputs: tensorsOf(predictions, outputs),
        };
        const all = wanted.parameters?.binary_data_output === true;
        const binary = new Map(
          (wanted.outputs ?? []).map(({ name, parameters }) => [name, parameters?.binary_data ?? all]),
        );
        const isBinary = (name: string) => (binary.get(name) ?? all) === true;
        if (!outputs.some(({ name }) => isBinary(name))) return answer;
        const packed = withBytes(answer, isBinary);
        return (reply as FastifyReply)
          .type('application/octet-stream')
          .header(JSON_LENGTH, String(packed.jsonLength))
          .serializer((sent) => sent)
          .send(packed.body);
      },
    );
  }
}

/** Each call is there for the live version and for one that is named. */
function paths(call: string) {
  return [
    [`/v2/models/:model${call}`, modelPathContract, 'model'],
    [`/v2/models/:model/versions/:version${call}`, versionPathContract, 'version'],
  ] as const;
}

function chosen(
  models: ModelRegistry,
  { model: name, version }: VersionPath,
): { model: ServedModel; served: ServedVersion; only: ServedVersion | undefined } {
  const model = models.model(name);
  const only = version === undefined ? undefined : models.version(name, version);
  return { model, served: only ?? model.live, only };
}
