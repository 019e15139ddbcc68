/** Which version of a model answers for which product: a pure function, so that a product always meets the same one. */
import { createHash } from 'node:crypto';

export type Share = {
  readonly version: string;
  /** Of the products, above 0 and at most 1. */
  readonly share: number;
};

export type Traffic = {
  /** Answers, where nothing else is said. */
  readonly live: string;
  /** Answers for a share of the products in place of the live version. */
  readonly canary?: Share;
  /** Is asked for a share of the products too; nobody sees its answers, which are compared with those given. */
  readonly shadow?: Share;
};

/** Another version answers; what it was a canary or shadow for ends. */
export function promoted({ canary, shadow }: Traffic, live: string): Traffic {
  return {
    live,
    ...(canary && canary.version !== live ? { canary } : {}),
    ...(shadow && shadow.version !== live ? { shadow } : {}),
  };
}

/**
 * A product's place in [0, 1): the same in every process and at every time. A share takes the products below it, so those of a small
 * share are among those of a larger one.
 * @param unit - the product's id, or what stands in it where it has none
 */
export function placeOf(model: string, unit: string): number {
  const digest = createHash('sha256').update(model).update('\0').update(unit).digest();
  return digest.readUInt32BE(0) / 2 ** 32;
}

export function versionFor({ live, canary }: Traffic, place: number): string {
  return canary !== undefined && place < canary.share ? canary.version : live;
}

/** The version that is asked beside the one that answers; undefined for a product outside of its share. */
export function shadowFor(traffic: Traffic, place: number): string | undefined {
  const { shadow } = traffic;
  if (shadow === undefined || place >= shadow.share) return undefined;
  return shadow.version === versionFor(traffic, place) ? undefined : shadow.version;
}
