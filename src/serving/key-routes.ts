/** Keys of callers and the log of changes, for admins. They are there where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { AttuneError } from '../base/errors.ts';
import type { ApiKey } from '../store/keys.ts';
import type { Store } from '../store/store.ts';
import type { KeyRing } from './access/key-ring.ts';
import {
  auditContract,
  auditQueryContract,
  type KeyAnswer,
  keyContract,
  keyPathContract,
  keysContract,
  keyWriteContract,
  newKeyContract,
} from './api/keys.ts';
import { REFUSALS, refused } from './documentation.ts';
import type { RequestErrorCode } from './errors.ts';

export function keyRoutes(server: FastifyInstance, store: Store, ring: KeyRing): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['keys'], operationId, summary });
  typed.get(
    '/v1/keys',
    { schema: { ...schema('listKeys', 'Keys, revoked ones too'), response: { 200: keysContract } } },
    async () => ({ keys: (await store.keys.list()).map(answerOf) }),
  );
  typed.post(
    '/v1/keys',
    {
      config: { secret: true },
      schema: {
        ...schema('createKey', 'Make a key; it is shown this once'),
        body: keyWriteContract,
        response: { 200: newKeyContract, 409: refused('The first key must be an admin.'), ...REFUSALS },
      },
    },
    async ({ body, caller }) => {
      const active = (await store.keys.list()).filter(({ revoked }) => revoked === null);
      // From the first key on, calls need one: without an admin nobody could make another.
      if (body.role !== 'admin' && active.every(({ role }) => role !== 'admin'))
        throw new AttuneError<RequestErrorCode>(
          'serving/first-key',
          `The first key must have the role admin. Got ${body.role}.`,
        );
      const { key, stored } = await store.keys.create({ ...body, createdBy: caller.name });
      ring.forget();
      return { key, stored: answerOf(stored) };
    },
  );
  typed.delete(
    '/v1/keys/:id',
    {
      schema: {
        ...schema('revokeKey', 'Revoke a key: it opens nothing from now on'),
        params: keyPathContract,
        response: { 200: keyContract, 404: refused('There is no such key.') },
      },
    },
    async ({ params }) => {
      const revoked = await store.keys.revoke(params.id);
      ring.forget();
      return answerOf(revoked);
    },
  );
  typed.get(
    '/v1/audit',
    {
      schema: {
        ...schema('listAudit', 'Who changed what, latest first'),
        querystring: auditQueryContract,
        response: { 200: auditContract },
      },
    },
    async ({ query: { before, limit } }) => {
      const entries = await store.audit.list({
        ...(before === undefined ? {} : { before }),
        ...(limit === undefined ? {} : { limit }),
      });
      return { entries: entries.map(({ at, ...entry }) => ({ ...entry, at: at.toISOString() })) };
    },
  );
}

function answerOf({ id, name, role, createdBy, created, revoked, lastUsed }: ApiKey): KeyAnswer {
  const time = (at: Date | null) => at?.toISOString() ?? null;
  return {
    id,
    name,
    role,
    createdBy,
    created: created.toISOString(),
    revoked: time(revoked),
    lastUsed: time(lastUsed),
  };
}
