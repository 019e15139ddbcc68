/** Keys of the service's callers: made, shown once, revoked. */
import { type FormEvent, useCallback, useState } from 'react';
import type { KeyAnswer, NewKeyAnswer } from '../../src/serving/api/keys.ts';
import { keepKey } from '../key.ts';
import { Failed, useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';

const ROLES = {
  predict: 'asks models',
  review: 'also reads and corrects products',
  admin: 'also models and keys',
} as const;

export function KeysPage() {
  const load = useCallback((signal: AbortSignal) => ask<{ keys: KeyAnswer[] }>('v1/keys', { signal }), []);
  const loaded = useLoaded(load);
  return (
    <>
      <h1>Keys</h1>
      <Waiting loaded={loaded}>{({ keys }) => <Keys keys={keys} changed={loaded.reload} />}</Waiting>
    </>
  );
}

function Keys({ keys, changed }: { readonly keys: readonly KeyAnswer[]; readonly changed: () => void }) {
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<string>();
  const act = async (work: () => Promise<void>) => {
    try {
      await work();
      setError(undefined);
      changed();
    } catch (failure) {
      setError(failure);
    }
  };
  const first = keys.every(({ revoked }) => revoked !== null);
  const make = (name: string, role: string) =>
    act(async () => {
      const { key } = await ask<NewKeyAnswer>('v1/keys', { method: 'POST', body: { name, role } });
      setMade(key);
      // From now on every call needs a key.
      if (first) keepKey(key);
    });
  const revoke = (id: string) =>
    act(async () => {
      await ask(`v1/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
    });
  return (
    <div className="two">
      <NewKey make={(name, role) => void make(name, role)} first={first} />
      <section className="panel" aria-labelledby="keys-heading">
        <h2 id="keys-heading">Who may call</h2>
        {made === undefined ? null : (
          <div role="status">
            <p>The new key, shown this once:</p>
            <pre>{made}</pre>
          </div>
        )}
        {error === undefined ? null : <Failed error={error} />}
        {keys.length === 0 ? (
          <p>No key is set: only this machine is answered, and everybody on it may do everything.</p>
        ) : (
          <div className="wide">
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Role</th>
                  <th scope="col">Made</th>
                  <th scope="col">Last used</th>
                  <th scope="col">
                    <span className="heard">What to do</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {keys.map((key) => (
                  <tr key={key.id}>
                    <th scope="row">
                      <bdi>{key.name}</bdi> <small className="optional">{key.id}</small>
                    </th>
                    <td>{key.role}</td>
                    <td>{day(key.created)}</td>
                    <td>{key.lastUsed === null ? 'never' : day(key.lastUsed)}</td>
                    <td>
                      {key.revoked === null ? (
                        <button type="button" className="quiet" onClick={() => void revoke(key.id)}>
                          Revoke <span className="heard">{key.name}</span>
                        </button>
                      ) : (
                        `revoked ${day(key.revoked)}`
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}

function NewKey({
  make,
  first,
}: {
  readonly make: (name: string, role: string) => void;
  readonly first: boolean;
}) {
  const [name, setName] = useState('');
  const [role, setRole] = useState<string>('predict');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make(name.trim(), first ? 'admin' : role);
    setName('');
  };
  return (
    <section className="panel" aria-labelledby="new-key-heading">
      <h2 id="new-key-heading">A new key</h2>
      {first ? (
        <p>
          The first key is an admin's. From then on every call needs a key; this page calls with the new one
          until the tab is closed.
        </p>
      ) : null}
      <form onSubmit={submit}>
        <label htmlFor="key-name">Name</label>
        <input
          id="key-name"
          value={name}
          maxLength={100}
          autoComplete="off"
          onChange={(event) => setName(event.target.value)}
        />
        {first ? null : (
          <>
            <label htmlFor="key-role">Role</label>
            <select id="key-role" value={role} onChange={(event) => setRole(event.target.value)}>
              {Object.entries(ROLES).map(([one, words]) => (
                <option key={one} value={one}>
                  {one}: {words}
                </option>
              ))}
            </select>
          </>
        )}
        <div className="actions">
          <button type="submit" disabled={name.trim() === ''}>
            Make the key
          </button>
        </div>
      </form>
    </section>
  );
}

const day = (at: string) => new Date(at).toLocaleDateString();
