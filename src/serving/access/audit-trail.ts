/** Writes down who changed what, in the store and in the log: every call that needs a reviewer or an admin and is no reading. */
import type { FastifyInstance } from 'fastify';
import type { Audit } from '../../store/audit.ts';
import { auditName } from '../../store/keys.ts';
import { roleFor } from './roles.ts';

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);

export function auditTrail(server: FastifyInstance, audit: Audit | undefined): void {
  server.addHook('onSend', async (request, reply) => {
    const path = request.routeOptions.url?.replaceAll('::', ':');
    if (path === undefined || READS.has(request.method) || reply.statusCode >= 400) return;
    const role = roleFor(request.method, path);
    if (role !== 'admin' && role !== 'review') return;
    const who = request.caller.id === 'nobody' ? 'nobody' : auditName(request.caller);
    const action = `${request.method} ${path}`;
    const subject = request.url.split('?')[0]!;
    request.log.info({ audit: { who, action, subject } }, 'changed');
    // What was done is done: an audit log that cannot be written is told, and the answer goes out.
    await audit
      ?.add({ who, action, subject, details: { requestId: request.id, status: reply.statusCode } })
      .catch((error: unknown) => request.log.error({ err: error }, 'the audit log cannot be written'));
  });
}
