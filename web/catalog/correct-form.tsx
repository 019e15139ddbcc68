/** Another value of one attribute of a product, said by a person. */
import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import { keepReviewerName, reviewerName } from '../review/reviewer.ts';
import type { Correction } from './corrections.ts';

export function CorrectForm({
  attribute,
  values,
  unit,
  several,
  busy,
  correct,
  cancel,
}: {
  readonly attribute: string;
  /** In force, or suggested: what the form begins with. */
  readonly values: readonly string[];
  readonly unit: string | null;
  readonly several: boolean;
  readonly busy: boolean;
  readonly correct: (correction: Correction) => void;
  readonly cancel: () => void;
}) {
  const [text, setText] = useState(values.join(', '));
  const [who, setWho] = useState(reviewerName);
  const [introduced] = useState(who !== '');
  const field = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => field.current?.select(), []);
  const given = (several ? text.split(',') : [text]).map((value) => value.trim()).filter(Boolean);
  const say = (said: readonly string[]) => {
    keepReviewerName(who.trim());
    correct({ attribute, values: said, unit: said.length === 0 ? null : unit, who: who.trim() });
  };
  const unnamed = who.trim() === '';
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (given.length > 0 && !unnamed && !busy) say(given);
  };
  return (
    <form
      className="correct"
      aria-label={`Correct ${attribute}`}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key === 'Escape') cancel();
      }}
    >
      {introduced ? null : (
        <>
          <label htmlFor={`${id}-who`}>Your name</label>
          <input
            id={`${id}-who`}
            value={who}
            maxLength={100}
            autoComplete="name"
            onChange={(event) => setWho(event.target.value)}
          />
        </>
      )}
      <label htmlFor={id}>
        {attribute}{' '}
        <span className="optional">
          {unit === null ? '' : `in ${unit}`}
          {several ? 'several with commas between' : ''}
        </span>
      </label>
      <input
        id={id}
        ref={field}
        dir="auto"
        autoComplete="off"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="actions">
        <button type="submit" disabled={busy || unnamed || given.length === 0}>
          Save
        </button>
        <button type="button" className="quiet" disabled={busy || unnamed} onClick={() => say([])}>
          Not applicable
        </button>
        <button type="button" className="quiet" onClick={cancel}>
          Cancel
        </button>
      </div>
    </form>
  );
}
