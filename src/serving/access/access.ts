/**
 * Lets in who may come in. Where keys are set, each call needs one of the role that the call needs. Where none is, the service listens on
 * loopback, and only programs and pages of this machine are answered: not a page of the web that a browser here happens to show.
 */
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { AttuneError } from '../../base/errors.ts';
import type { Role } from '../../store/vocabulary.ts';
import type { RequestErrorCode } from '../errors.ts';
import type { KeyRing } from './key-ring.ts';
import { WrongKeys } from './limits.ts';
import { allows, roleFor } from './roles.ts';

export type Caller = { readonly id: string; readonly name: string; readonly role: Role };

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; `nobody` where no keys are set. */
    caller: Caller;
  }
}

const NOBODY: Caller = { id: 'nobody', name: 'nobody', role: 'admin' };

export type AccessOptions = {
  /** Undefined where there is no store, so no keys. */
  readonly keys: KeyRing | undefined;
  /** Origins whose pages may call. */
  readonly origins: readonly string[];
  /** Whether it listens on loopback only. */
  readonly local: boolean;
  /** Whether others than this machine may call while no key is set: the operator said so. */
  readonly open: boolean;
  /** That one address may send. */
  readonly wrongKeysPerMinute: number;
};

export function accessControl(
  server: FastifyInstance,
  { keys, origins, local, open, wrongKeysPerMinute }: AccessOptions,
): void {
  const wrongKeys = new WrongKeys(wrongKeysPerMinute);
  server.decorateRequest('caller');
  server.addHook('onRequest', async (request, reply) => {
    request.caller = NOBODY;
    const path = request.routeOptions.url?.replaceAll('::', ':');
    // An address that is not served, for which there is nothing to guard.
    if (path === undefined) return;
    const needed = roleFor(request.method, path);
    // Elsewhere than on this machine it needs nothing of the store: a probe of health is answered while the database is away.
    if (needed === 'anyone' && !local) return;
    if (keys === undefined || !(await keys.isSet())) {
      if (local) refuseForeign(request, origins);
      // The last key was revoked while others could reach the service: that opens it to nobody.
      else if (!open) throw keyNeeded('No key is set, so nobody is answered.');
      return;
    }
    if (needed === 'anyone') return;
    const sent = keyIn(request);
    if (sent !== undefined && !keys.wasKnown(sent)) wrongKeys.refuseTooMany(request.ip);
    const caller = sent === undefined ? undefined : await keys.callerOf(sent);
    if (caller === undefined) {
      if (sent !== undefined) wrongKeys.count(request.ip);
      reply.header('www-authenticate', 'Bearer realm="attune"');
      throw keyNeeded(
        sent === undefined ? 'This call needs a key.' : 'The key is not known, or was revoked.',
      );
    }
    request.caller = caller;
    if (!allows(caller.role, needed))
      throw new AttuneError<RequestErrorCode>(
        'serving/not-allowed',
        `This call needs a key with the role ${needed}. The key "${caller.name}" has the role ${caller.role}.`,
      );
  });
}

const keyNeeded = (message: string) =>
  new AttuneError<RequestErrorCode>('serving/key-needed', message, {
    hint: 'Send it as `Authorization: Bearer KEY`. `attune keys create` makes one.',
  });

function keyIn({ headers }: FastifyRequest): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
  return bearer ?? [headers['x-api-key']].flat()[0];
}

const LOOPBACK_NAMES = /^(localhost|127(\.\d{1,3}){3}|\[::1\])(:\d+)?$/i;

/**
 * A page of the web can reach this machine's services through the browser: it shows by its origin, or by the name it called us. Others
 * can through a proxy on this machine: it shows by what proxies add.
 */
function refuseForeign({ headers }: FastifyRequest, origins: readonly string[]): void {
  const { origin, host = '' } = headers;
  const passedOn = headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined;
  const own = origin === undefined || origins.includes(origin) || origin === `http://${host}`;
  if (own && !passedOn && LOOPBACK_NAMES.test(host)) return;
  throw new AttuneError<RequestErrorCode>(
    'serving/foreign-caller',
    'No key is set, so only this machine is answered, by its own name and from its own pages.',
    {
      hint: passedOn
        ? 'A proxy passed the call on. Make a key with `attune keys create`, and name the proxy with --trust-proxy.'
        : 'Make a key with `attune keys create`, or list the page with --cors.',
    },
  );
}

export function isLoopback(host: string): boolean {
  return LOOPBACK_NAMES.test(host) || host === '::1';
}
