/** Where the service asks for a key: a place to give it. */
import { type FormEvent, useState } from 'react';
import { keepKey } from './key.ts';

/** @param given - called when a key is kept; what was asked for can be asked for again */
export function KeyForm({ given }: { readonly given: () => void }) {
  const [key, setKey] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    keepKey(key.trim());
    given();
  };
  return (
    <form className="panel narrow" onSubmit={submit}>
      <p>The service needs a key for this. It is kept until the tab is closed.</p>
      <label htmlFor="key">Key</label>
      <input
        id="key"
        type="password"
        autoComplete="off"
        value={key}
        onChange={(event) => setKey(event.target.value)}
      />
      <div className="actions">
        <button type="submit" disabled={key.trim() === ''}>
          Use the key
        </button>
      </div>
    </form>
  );
}
