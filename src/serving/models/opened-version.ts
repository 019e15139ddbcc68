/** A version of a model, ready to predict, as whoever opens models hands it to the service. */
import type { Predictor } from '../../prediction/prediction.ts';
import type { AttributeDetail, AttributeFigures } from '../api/figures.ts';
import type { PrecisionTargets } from '../records/audits.ts';

export type OpenedVersion = {
  /** What clients call the model. */
  readonly name: string;
  readonly version: string;
  /** The same for two models that answer alike, whatever they are called; another one for every other. */
  readonly identity: string;
  /** Where its bundle is, and the SHA-256 of what the bundle says of itself. */
  readonly bundle?: { readonly folder: string; readonly checksum: string };
  /** Whether an answer depends on the product's id, as it does where an event log is looked up. */
  readonly readsIds?: boolean;
  /** On the test products of its training; none when left out. */
  readonly figures?: readonly AttributeFigures[];
  /** The same more closely; none when left out. */
  readonly details?: readonly AttributeDetail[];
  /** What its `auto` answers promise; 0.95 where left out. */
  readonly precisionTargets?: PrecisionTargets;
  readonly predictor: Predictor;
  /** Frees what the predictor holds; called once, when nobody uses it any more. */
  close(): Promise<void>;
};

/** A version that should have answered since the service started, and does not open. */
export type FailedModel = {
  readonly name: string;
  readonly version: string;
  /** Why, as a sentence. */
  readonly problem: string;
};

/** Where further versions come from: folders that the service was told of when it started, never one that a client names. */
export interface ModelRepository {
  /** What is there, loaded or not; newest version first. */
  list(): Promise<readonly { readonly name: string; readonly version: string }[]>;
  /**
   * @param version - the newest when left out
   * @returns undefined where there is no such model or version
   * @throws AttuneError what opening a bundle throws
   */
  open(name: string, version?: string): Promise<OpenedVersion | undefined>;
}
