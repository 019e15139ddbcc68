/** Files that were sent, and a place to drop another. */
import { type DragEvent, useEffect, useId, useRef, useState } from 'react';
import type { FilesAnswer } from '../../src/serving/api/training.ts';
import { Failed } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { ask } from '../service.ts';
import { upload } from './upload.ts';

type Sending = { readonly name: string; readonly part: number };

export function Files({ files, maxBytes, changed }: FilesAnswer & { readonly changed: () => void }) {
  const [error, setError] = useState<unknown>();
  const [sending, setSending] = useState<Sending>();
  const stop = useRef<AbortController>(null);
  useEffect(() => () => stop.current?.abort(), []);
  const send = async (file: File | undefined) => {
    if (file === undefined) return;
    if (file.size > maxBytes) {
      setError(new Error(`${file.name} has ${bytes(file.size)}. A file may have ${bytes(maxBytes)}.`));
      return;
    }
    const gone = new AbortController();
    stop.current = gone;
    setError(undefined);
    setSending({ name: file.name, part: 0 });
    try {
      const { id } = await upload(file, {
        signal: gone.signal,
        onSent: (part) => setSending({ name: file.name, part }),
      });
      location.hash = addressOf('train', ['file', id]);
    } catch (failure) {
      if (!gone.signal.aborted) setError(failure);
    } finally {
      setSending(undefined);
    }
  };
  const remove = async (id: string) => {
    try {
      await ask(`v1/files/${id}`, { method: 'DELETE' });
      setError(undefined);
      changed();
    } catch (failure) {
      setError(failure);
    }
  };
  return (
    <>
      {sending === undefined ? (
        <Drop chosen={(file) => void send(file)} />
      ) : (
        <div className="drop">
          <label htmlFor="sent">Sending {sending.name}</label>
          <progress id="sent" value={sending.part} max={1} />
          <button type="button" className="quiet" onClick={() => stop.current?.abort()}>
            Stop
          </button>
        </div>
      )}
      {error === undefined ? null : <Failed error={error} />}
      {files.length === 0 ? null : (
        <ul className="lines">
          {files.map(({ id, name, bytes: size, uploaded }) => (
            <li key={id}>
              <a href={addressOf('train', ['file', id])}>
                <bdi>{name}</bdi>
              </a>
              <small className="optional">
                {bytes(size)}, {new Date(uploaded).toLocaleString()}
              </small>
              <button type="button" className="quiet" onClick={() => void remove(id)}>
                Delete <span className="heard">{name}</span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Drop({ chosen }: { readonly chosen: (file: File | undefined) => void }) {
  const id = useId();
  const [over, setOver] = useState(false);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    chosen(event.dataTransfer.files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: a file can be chosen by keyboard in the field within
    <div
      className={over ? 'drop over' : 'drop'}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <label htmlFor={id}>Drop a file here, or choose one</label>
      <input
        id={id}
        type="file"
        accept=".csv,.tsv,.tab,.txt,.jsonl,.ndjson,.json,.parquet,.pq,.gz"
        onChange={(event) => chosen(event.target.files?.[0])}
      />
      <p className="note">CSV, TSV, JSON lines or Parquet, gzipped or not; a product a row.</p>
    </div>
  );
}

function bytes(size: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB'];
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, size)) / 3));
  return `${Number((size / 1000 ** step).toPrecision(3))} ${units[step]}`;
}
