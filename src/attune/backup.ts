/** `attune backup` and `attune restore`: a whole store as one file, and back. */
import { type Progress, silent } from '../base/progress.ts';
import { readBackup, writeBackup } from '../store/backup-file.ts';
import { inStore, inStoreThatIsThere } from './store.ts';

export type BackupOptions = {
  /** A folder or a `postgres://` address; DATABASE_URL, else the folder `attune-store`, when left out. */
  readonly store?: string;
  /** The file to make. */
  readonly out: string;
  /** Whether a file that is there may be replaced. */
  readonly overwrite?: boolean;
  readonly progress?: Progress;
};

export type BackupResult = {
  /** The folder, or the address without its password. */
  readonly store: string;
  readonly file: string;
  readonly bytes: number;
  /** Records by table. */
  readonly records: Readonly<Record<string, number>>;
};

/**
 * What the store is at one moment, while others may go on using a PostgreSQL; an embedded store must not be open elsewhere.
 * @throws `store/not-found` where there is no store; `store/backup-exists`, `store/backup-unwritable`; what `openStore` throws
 */
export async function backupStore({
  store: given,
  out,
  overwrite = false,
  progress = silent,
}: BackupOptions): Promise<BackupResult> {
  return inStoreThatIsThere(given, async (store) => {
    progress({ kind: 'stage', stage: `Writing ${out}`, total: undefined });
    const { counts, bytes } = await writeBackup(store, out, { overwrite });
    return { store: store.where, file: out, bytes, records: counts };
  });
}

export type RestoreOptions = {
  /** A folder or a `postgres://` address; DATABASE_URL, else the folder `attune-store`, when left out. */
  readonly store?: string;
  /** A file that `backupStore` made, from whichever kind of store. */
  readonly file: string;
  /** Whether the backup may take the place of what is in the store. */
  readonly replace?: boolean;
  readonly progress?: Progress;
};

export type RestoreResult = Omit<BackupResult, 'bytes'>;

/**
 * All of a backup, or nothing of it.
 * @throws `store/backup-missing`, `store/backup-invalid`, `store/not-empty`, `store/newer-schema`; what `openStore` throws
 */
export async function restoreStore({
  store: given,
  file,
  replace = false,
  progress = silent,
}: RestoreOptions): Promise<RestoreResult> {
  return inStore(given, async (store) => {
    progress({ kind: 'stage', stage: `Reading ${file}`, total: undefined });
    const { counts } = await readBackup(store, file, { replace });
    await store.retention.tidy();
    return { store: store.where, file, records: counts };
  });
}
