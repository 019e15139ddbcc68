/** What the model is called and how it is trained; the rest has defaults. */
import { type FormEvent, useState } from 'react';
import type { FileAnswer, RunDetail } from '../../src/serving/api/training.ts';
import { Failed } from '../loaded.tsx';
import { addressOf } from '../route.ts';
import { ask } from '../service.ts';
import type { ColumnConfig } from './roles.ts';
import { settingsIn, withSetting } from './settings.ts';

const NAME = 64;

export function StartForm({
  file,
  config,
  encoders,
}: {
  readonly file: FileAnswer;
  readonly config: ColumnConfig;
  readonly encoders: readonly string[];
}) {
  const [model, setModel] = useState(() => nameFor(file.name));
  const [start, setStart] = useState('small');
  const [epochs, setEpochs] = useState('');
  const [further, setFurther] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const missing =
    (Object.keys(config.inputs).length === 0 && 'Choose a column that the model reads.') ||
    (Object.keys(config.attributes).length === 0 && 'Choose a column that the model is to predict.') ||
    undefined;
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    try {
      const started = withSetting({ ...config }, ['model', 'text'], start);
      const chosen = epochs === '' ? started : withSetting(started, ['training', 'epochs'], Number(epochs));
      const whole = settingsIn(further, chosen);
      const run = await ask<RunDetail>('v1/runs', {
        method: 'POST',
        body: { file: file.id, model: model.trim(), config: whole },
      });
      location.hash = addressOf('train', ['run', run.id]);
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <section className="panel" aria-labelledby="start-heading">
      <h2 id="start-heading">A training</h2>
      <form onSubmit={(event) => void submit(event)}>
        <div className="choose">
          <div>
            <label htmlFor="model-name">Name of the model</label>
            <input
              id="model-name"
              value={model}
              maxLength={NAME}
              autoComplete="off"
              onChange={(event) => setModel(event.target.value)}
            />
          </div>
          <div>
            <label htmlFor="model-start">Text encoder to start from</label>
            <select id="model-start" value={start} onChange={(event) => setStart(event.target.value)}>
              <option value="small">small: starts from nothing</option>
              {encoders.map((name) => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </div>
          <div>
            <label htmlFor="epochs">
              Epochs at most <span className="optional">6 when empty</span>
            </label>
            <input
              id="epochs"
              type="number"
              min={1}
              max={1000}
              value={epochs}
              onChange={(event) => setEpochs(event.target.value)}
            />
          </div>
        </div>
        <details>
          <summary>Further settings</summary>
          <label htmlFor="further">
            One a line, as <code>--set</code> takes them; they come before what stands above
          </label>
          <textarea
            id="further"
            rows={4}
            spellCheck={false}
            placeholder="training.batchSize=32"
            value={further}
            onChange={(event) => setFurther(event.target.value)}
          />
        </details>
        <div className="actions">
          <button type="submit" disabled={busy || missing !== undefined || model.trim() === ''}>
            Train
          </button>
          <span className="note">{missing}</span>
        </div>
        {error === undefined ? null : <Failed error={error} />}
      </form>
    </section>
  );
}

/** Of the file's name, without its endings. */
function nameFor(file: string): string {
  return (
    file
      .replace(/(\.[a-z0-9]{1,7}){1,2}$/i, '')
      .replace(/^[^\p{L}\p{N}]+/u, '')
      .slice(0, NAME) || 'model'
  );
}
