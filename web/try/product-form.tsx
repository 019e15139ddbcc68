/** The fields that a model reads, as a form. */
import { type FormEvent, type KeyboardEvent, useId, useState } from 'react';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import { FieldLabel } from './field-label.tsx';
import { MediaInput } from './media-input.tsx';
import type { Draft } from './product.ts';

export function ProductForm({
  model,
  draft,
  busy,
  change,
  predict,
  clear,
}: {
  readonly model: ModelAnswer;
  readonly draft: Draft;
  readonly busy: boolean;
  readonly change: (draft: Draft) => void;
  readonly predict: () => void;
  readonly clear: () => void;
}) {
  const [filesInReading, setReading] = useState(0);
  const held = busy || filesInReading > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    predict();
  };
  const hurry = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey) || held) return;
    event.preventDefault();
    predict();
  };
  return (
    <form id="product" onSubmit={submit} onKeyDown={hurry}>
      {model.fields.map((field, i) => (
        <TextInput
          key={field}
          name={field}
          rows={i === 0 ? 2 : 6}
          optional={i > 0}
          value={draft.texts[field] ?? ''}
          change={(text) => change({ ...draft, texts: { ...draft.texts, [field]: text } })}
        />
      ))}
      {model.media.map(({ name, kind }) => (
        <MediaInput
          key={name}
          name={name}
          kind={kind}
          files={draft.media[name] ?? []}
          change={(files) => change({ ...draft, media: { ...draft.media, [name]: files } })}
          reading={(is) => setReading((count) => count + (is ? 1 : -1))}
        />
      ))}
      {model.cells.map((field) => (
        <TextInput
          key={field}
          name={field}
          rows={1}
          optional
          value={draft.cells[field] ?? ''}
          change={(text) => change({ ...draft, cells: { ...draft.cells, [field]: text } })}
        />
      ))}
      <TextInput
        name="category"
        rows={1}
        optional
        value={draft.category}
        change={(category) => change({ ...draft, category })}
      />
      <div className="actions">
        <button type="submit" id="predict" disabled={held}>
          Predict attributes
        </button>
        <button type="button" className="quiet" onClick={clear}>
          Clear
        </button>
        <span className="keys">
          <kbd>Ctrl</kbd> <kbd>Enter</kbd>
        </span>
      </div>
    </form>
  );
}

function TextInput({
  name,
  rows,
  optional,
  value,
  change,
}: {
  readonly name: string;
  readonly rows: number;
  readonly optional: boolean;
  readonly value: string;
  readonly change: (text: string) => void;
}) {
  const id = useId();
  const shared = { id, value, dir: 'auto', autoComplete: 'off' };
  return (
    <>
      <FieldLabel name={name} id={id} optional={optional} />
      {rows === 1 ? (
        <input {...shared} onChange={(event) => change(event.target.value)} />
      ) : (
        <textarea {...shared} rows={rows} onChange={(event) => change(event.target.value)} />
      )}
    </>
  );
}
