/** Where alerts go. */
import { setTimeout } from 'node:timers/promises';
import { monitoringError } from '../errors.ts';
import type { RaisedAlert } from './history.ts';
import type { Alert } from './judge.ts';

export type AlertChannel = {
  /** For messages: `webhook https://…`. */
  readonly name: string;
  /** Resolves when the alert has arrived. */
  readonly send: (alert: Alert) => Promise<void>;
};

const ATTEMPTS = 3;
const TIMEOUT_MS = 10_000;
const FIRST_WAIT_MS = 500;

/** Posts each alert as JSON, as `webhookPost` does. */
export function webhookChannel(address: string): AlertChannel {
  return { name: webhookName(address), send: (alert) => webhookPost(address, alert) };
}

/** Only the host is named, since the rest may be a secret. */
const webhookName = (address: string) => `webhook ${new URL(address).host}`;

/**
 * Posts JSON. An answer other than 2xx, and none within ten seconds, is tried twice more, each time after twice the wait.
 * @param address - http or https
 * @throws monitoring/webhook-failed
 */
export async function webhookPost(address: string, body: unknown): Promise<void> {
  let why = '';
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) await setTimeout(FIRST_WAIT_MS * 2 ** (attempt - 1));
    try {
      const response = await fetch(address, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      });
      await response.body?.cancel();
      if (response.ok) return;
      why = `it answered ${response.status}`;
    } catch (cause) {
      why = cause instanceof Error ? cause.message : String(cause);
    }
  }
  throw monitoringError(
    'monitoring/webhook-failed',
    `The ${webhookName(address)} did not take what was posted: ${why}.`,
  );
}

/**
 * Sends every alert to every channel; one that fails keeps none from another.
 * @returns which alerts every channel took, and what could not be delivered, in a sentence each
 */
export async function deliver(
  alerts: readonly Alert[],
  channels: readonly AlertChannel[],
): Promise<{ readonly raised: readonly RaisedAlert[]; readonly undelivered: readonly string[] }> {
  const undelivered: string[] = [];
  const failed = new Set<Alert>();
  for (const channel of channels)
    for (const alert of alerts)
      await channel.send(alert).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        undelivered.push(`${channel.name} did not take the alert "${alert.message}": ${why}.`);
        failed.add(alert);
      });
  return { raised: alerts.map((alert) => ({ ...alert, delivered: !failed.has(alert) })), undelivered };
}
