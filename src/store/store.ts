/** Everything a shop keeps beside its models, in an embedded database or in PostgreSQL. */
import { type SQL, sql } from 'drizzle-orm';
import { type Alerts, alertsIn } from './alerts.ts';
import { type Archive, archiveIn } from './archive.ts';
import { type Audit, auditIn } from './audit.ts';
import type { Backend, Connection, Context, VectorSearch } from './database.ts';
import { databaseError } from './database-error.ts';
import { storeError } from './errors.ts';
import { type Events, eventsIn } from './events.ts';
import { type Idempotency, idempotencyIn } from './idempotency.ts';
import { type Keys, keysIn } from './keys.ts';
import { migrate } from './migrations.ts';
import { type Models, modelsIn } from './models.ts';
import { type MonitorReports, monitorReportsIn } from './monitor-reports.ts';
import { openPglite } from './open-pglite.ts';
import { openPostgres } from './open-postgres.ts';
import { type Pictures, picturesIn } from './pictures.ts';
import { type Positions, positionsIn } from './positions.ts';
import { type Predictions, predictionsIn } from './predictions.ts';
import { type Products, productsIn } from './products.ts';
import { type RetentionWork, retentionIn } from './retention.ts';
import { type Reviews, reviewsIn } from './reviews.ts';
import { type Runs, runsIn } from './runs.ts';
import { type Shopping, shoppingIn } from './shopping.ts';
import { type Values, valuesIn } from './values.ts';
import { vectorSearchOf } from './vector-extension.ts';
import { type Vectors, vectorsIn } from './vectors.ts';
import { type Work, workIn } from './work.ts';

export type StoreOptions = {
  /** Of a PostgreSQL: `postgres://user:password@host:port/database`. Either this or `folder`. */
  readonly url?: string;
  /** Of an embedded database (PGlite); made when it is not there. */
  readonly folder?: string;
  /** Connections to PostgreSQL at once; 10 when left out. */
  readonly connections?: number;
  /** The time, for tests and replays; the database's own when left out. */
  readonly clock?: () => Date;
};

/** The records by subject. Each call is one transaction. */
export type Repositories = {
  readonly products: Products;
  readonly pictures: Pictures;
  readonly values: Values;
  readonly predictions: Predictions;
  readonly reviews: Reviews;
  readonly models: Models;
  readonly keys: Keys;
  readonly alerts: Alerts;
  readonly monitorReports: MonitorReports;
  readonly runs: Runs;
  readonly events: Events;
  readonly shopping: Shopping;
  readonly audit: Audit;
  readonly idempotency: Idempotency;
  readonly work: Work;
  readonly positions: Positions;
  readonly vectors: Vectors;
  readonly retention: RetentionWork;
};

export type Store = Repositories & {
  readonly backend: Backend;
  /** The folder, or the address without the password. */
  readonly where: string;
  /** All of it as text, and back. */
  readonly archive: Archive;
  /** Several calls as one transaction: all of them, or none. */
  atomically<T>(work: (inside: Repositories) => Promise<T>): Promise<T>;
  /** Returns when the database answers. @throws `store/unavailable` */
  ping(): Promise<void>;
  /** Waits for what is under way. */
  close(): Promise<void>;
};

/**
 * Opens a store and brings its tables up to date.
 * @throws `store/address-invalid`, `store/folder-locked`, `store/folder-invalid`, `store/unavailable`, `store/refused`,
 *   `store/newer-schema`
 */
export async function openStore({ url, folder, connections = 10, clock }: StoreOptions): Promise<Store> {
  if ((url === undefined) === (folder === undefined)) {
    throw storeError('store/address-invalid', 'A store is either in a folder or at an address.', {
      hint: 'Give one of the two.',
    });
  }
  const connection = url === undefined ? await openPglite(folder!) : openPostgres(url, connections);
  try {
    await migrate(connection);
    return storeOver(connection, await vectorSearchOf(connection), clock);
  } catch (error) {
    await connection.close().catch(() => {});
    throw databaseError(error);
  }
}

/** @param text - a `postgres://` address, else a folder */
export function storeAddress(text: string): { readonly url: string } | { readonly folder: string } {
  return /^postgres(ql)?:\/\//.test(text) ? { url: text } : { folder: text };
}

function storeOver(
  connection: Connection,
  vectorSearch: VectorSearch,
  clock: (() => Date) | undefined,
): Store {
  const { backend, where, db, transaction } = connection;
  const now = (): SQL => (clock === undefined ? sql`now()` : sql`${clock().toISOString()}::timestamptz`);
  return {
    ...repositories({ db, transaction, vectorSearch, now }),
    archive: saying(archiveIn({ db, transaction, vectorSearch, now }, backend)),
    backend,
    where,
    atomically: (work) =>
      said(
        transaction((inside) =>
          work(repositories({ db: inside, transaction: (own) => own(inside), vectorSearch, now })),
        ),
      ),
    ping: () => said(db.execute(sql`SELECT 1`).then(() => {})),
    close: () => connection.close(),
  };
}

function repositories(context: Context): Repositories {
  return {
    products: saying(productsIn(context)),
    pictures: saying(picturesIn(context)),
    values: saying(valuesIn(context)),
    predictions: saying(predictionsIn(context)),
    reviews: saying(reviewsIn(context)),
    models: saying(modelsIn(context)),
    keys: saying(keysIn(context)),
    alerts: saying(alertsIn(context)),
    monitorReports: saying(monitorReportsIn(context)),
    runs: saying(runsIn(context)),
    events: saying(eventsIn(context)),
    shopping: saying(shoppingIn(context)),
    audit: saying(auditIn(context)),
    idempotency: saying(idempotencyIn(context)),
    work: saying(workIn(context)),
    positions: saying(positionsIn(context)),
    vectors: saying(vectorsIn(context)),
    retention: saying(retentionIn(context)),
  };
}

/** The same functions, failing with errors that teach. */
function saying<R extends Readonly<Record<string, (...given: never[]) => Promise<unknown>>>>(
  repository: R,
): R {
  const entries = Object.entries(repository).map(([name, call]) => [
    name,
    (...given: never[]) => said(call(...given)),
  ]);
  return Object.fromEntries(entries) as R;
}

async function said<T>(result: Promise<T>): Promise<T> {
  try {
    return await result;
  } catch (error) {
    throw databaseError(error);
  }
}
