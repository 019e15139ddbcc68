/** Where alerts go. */
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

/**
 * Posts each alert as JSON. Answers other than 2xx, and no answer within ten seconds, are tried twice more, each time after
 * twice the wait.
 * @param address - http or https; only its host is named in messages, since the rest may be a secret
 */
export function webhookChannel(
  address: string,
  wait: (ms: number) => Promise<void> = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
): AlertChannel {
  return {
    name: `webhook ${new URL(address).host}`,
    send: async (alert) => {
      let failure: unknown;
      for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
        if (attempt > 0) await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
        try {
          const response = await fetch(address, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(alert),
            signal: AbortSignal.timeout(TIMEOUT_MS),
            redirect: 'error',
          });
          await response.body?.cancel();
          if (response.ok) return;
          failure = new Error(`it answered ${response.status}`);
        } catch (cause) {
          failure = cause;
        }
      }
      throw failure;
    },
  };
}

/**
 * Sends every alert to every channel; one that fails keeps none from another.
 * @returns what could not be delivered, in a sentence each
 */
export async function deliver(
  alerts: readonly Alert[],
  channels: readonly AlertChannel[],
): Promise<readonly string[]> {
  const undelivered: string[] = [];
  for (const channel of channels)
    for (const alert of alerts)
      await channel.send(alert).catch((cause: unknown) => {
        const why = cause instanceof Error ? cause.message : String(cause);
        undelivered.push(`${channel.name} did not take the alert "${alert.message}": ${why}.`);
      });
  return undelivered;
}
