/** `/v1/monitoring` and `/v1/alerts`: what `attune monitor` found. There where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Alert } from '../store/alerts.ts';
import type { Store } from '../store/store.ts';
import {
  type AlertAnswer,
  alertContract,
  alertPathContract,
  alertQueryContract,
  alertStateContract,
  alertsContract,
  type MonitoringReport,
  monitoringContract,
  monitoringQueryContract,
} from './api/monitoring.ts';
import { REFUSALS, refused } from './documentation.ts';

export function monitoringRoutes(server: FastifyInstance, store: Store): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['monitoring'], operationId, summary });
  typed.get(
    '/v1/monitoring',
    {
      schema: {
        ...schema('monitoring', 'What the monitoring found, check by check'),
        querystring: monitoringQueryContract,
        response: { 200: monitoringContract },
      },
    },
    async ({ query: { model, before, limit } }) => {
      const [found, models] = await Promise.all([
        store.monitorReports.list({
          ...(model === undefined ? {} : { model }),
          ...(before === undefined ? {} : { before }),
          ...(limit === undefined ? {} : { limit }),
        }),
        store.monitorReports.models(),
      ]);
      return {
        models: [...models],
        reports: found.map(({ id, at, model: name, version, report }) => ({
          ...(report as MonitoringReport),
          id,
          at: at.toISOString(),
          model: name,
          version,
        })),
      };
    },
  );
  typed.get(
    '/v1/alerts',
    {
      schema: {
        ...schema('listAlerts', 'Alerts that were raised'),
        querystring: alertQueryContract,
        response: { 200: alertsContract },
      },
    },
    async ({ query: { state, before, limit } }) => {
      const found = await store.alerts.list({
        ...(state === undefined ? {} : { states: [state] }),
        ...(before === undefined ? {} : { before }),
        ...(limit === undefined ? {} : { limit }),
      });
      return { alerts: found.map(answerOf) };
    },
  );
  typed.put(
    '/v1/alerts/:id',
    {
      schema: {
        ...schema('setAlertState', 'Open, acknowledge or close an alert'),
        params: alertPathContract,
        body: alertStateContract,
        response: { 200: alertContract, 404: refused('There is no such alert.'), ...REFUSALS },
      },
    },
    async ({ params: { id }, body: { state, who }, caller }) =>
      answerOf(await store.alerts.setState(id, state, who ?? caller.name)),
  );
}

function answerOf({ at, changed, details, ...alert }: Alert): AlertAnswer {
  return { ...alert, at: at.toISOString(), changed: changed.toISOString(), details: { ...details } };
}
