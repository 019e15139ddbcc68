/** Trainings: asked for, watched, cancelled, resumed, deleted. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { idPathContract, runDetailContract, runsContract, trainContract } from '../api/training.ts';
import { REFUSALS, refused } from '../documentation.ts';
import type { Training } from './training.ts';

const NO_RUN = refused('There is no such run.');
const NOT_NOW = refused('The run is not in a state that allows it.');

export function runRoutes(server: FastifyInstance, { runs, encoders }: Training): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['training'], operationId, summary });
  const ofRun = (operationId: string, summary: string) => ({
    ...schema(operationId, summary),
    params: idPathContract,
    response: { 200: runDetailContract, 404: NO_RUN, 409: NOT_NOW },
  });
  typed.get(
    '/v1/runs',
    { schema: { ...schema('listRuns', 'Trainings'), response: { 200: runsContract } } },
    async () => ({ runs: [...(await runs.list())], encoders: [...(await encoders())] }),
  );
  typed.post(
    '/v1/runs',
    {
      schema: {
        ...schema('train', 'Train a model; it begins when those before it have ended'),
        body: trainContract,
        response: { 201: runDetailContract, ...REFUSALS, 404: refused('There is no such file.') },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await runs.create(body)),
  );
  typed.get(
    '/v1/runs/:id',
    {
      schema: {
        ...schema('getRun', 'One training: its curves, and its figures once it has finished'),
        params: idPathContract,
        response: { 200: runDetailContract, 404: NO_RUN },
      },
    },
    ({ params }) => runs.get(params.id),
  );
  typed.post(
    '/v1/runs/:id/cancel',
    { schema: ofRun('cancelRun', 'Let a training save and stop; asked again, end it at once') },
    ({ params }) => runs.cancel(params.id),
  );
  typed.post(
    '/v1/runs/:id/resume',
    { schema: ofRun('resumeRun', 'Go on with what was stopped, interrupted or failed') },
    ({ params }) => runs.resume(params.id),
  );
  typed.delete(
    '/v1/runs/:id',
    { schema: ofRun('deleteRun', 'Delete a training, and the model that came of it') },
    ({ params }) => runs.remove(params.id),
  );
}
