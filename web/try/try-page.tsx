/** A product in, the model's answer out, with the places it read and what each modality added. */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import type { PredictResponse } from '../../src/serving/api/predict.ts';
import { Failed, useLoaded, Waiting } from '../loaded.tsx';
import { ask } from '../service.ts';
import { AnswerOf } from './answer.tsx';
import { type Answered, EMPTY, requestOf } from './product.ts';
import { ProductForm } from './product-form.tsx';

export function TryPage() {
  const load = useCallback(
    (signal: AbortSignal) => ask<{ models: ModelAnswer[] }>('v1/models', { signal }),
    [],
  );
  return <Waiting loaded={useLoaded(load)}>{({ models }) => <Models models={models} />}</Waiting>;
}

function Models({ models }: { readonly models: readonly ModelAnswer[] }) {
  const [name, setName] = useState(models[0]?.name);
  const model = models.find((one) => one.name === name);
  if (model === undefined) {
    return (
      <section className="panel">
        <h1>A product</h1>
        <p>No model is served. Load one, or start the service with a model.</p>
      </section>
    );
  }
  return (
    <div className="two">
      <Trial key={model.name} model={model}>
        {models.length === 1 ? null : (
          <>
            <label htmlFor="which-model">Model</label>
            <select id="which-model" value={name} onChange={(event) => setName(event.target.value)}>
              {models.map((one) => (
                <option key={one.name}>{one.name}</option>
              ))}
            </select>
          </>
        )}
      </Trial>
    </div>
  );
}

function Trial({ model, children }: { readonly model: ModelAnswer; readonly children: React.ReactNode }) {
  const [draft, setDraft] = useState(EMPTY);
  const [answered, setAnswered] = useState<Answered>();
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);
  const latest = useRef(0);
  const answer = useRef<HTMLElement>(null);

  const predict = async () => {
    const turn = ++latest.current;
    setError(undefined);
    setBusy(true);
    const started = performance.now();
    const request = requestOf(draft, model);
    try {
      const got = await ask<PredictResponse>('v1/products:predict', { method: 'POST', body: request });
      if (turn !== latest.current) return;
      setAnswered({ request, draft, answer: got, milliseconds: performance.now() - started });
    } catch (failure) {
      if (turn === latest.current) setError(failure);
    } finally {
      if (turn === latest.current) setBusy(false);
    }
  };
  const clear = () => {
    latest.current++;
    setDraft(EMPTY);
    setAnswered(undefined);
    setError(undefined);
    setBusy(false);
    document.querySelector<HTMLElement>('#product textarea, #product input')?.focus();
  };
  useEffect(() => {
    // On a phone the answer stands below what can be seen.
    if (answered !== undefined && answer.current!.getBoundingClientRect().top > 0.6 * innerHeight)
      answer.current!.scrollIntoView();
  }, [answered]);

  const names = model.attributes.map((attribute) => attribute.name);
  return (
    <>
      <section className="panel" aria-labelledby="product-heading">
        <h1 id="product-heading">A product</h1>
        <p className="note" title={names.join(', ')}>
          {model.name}, {names.length} attribute{names.length === 1 ? '' : 's'}
        </p>
        {children}
        <ProductForm
          model={model}
          draft={draft}
          busy={busy}
          change={setDraft}
          predict={() => void predict()}
          clear={clear}
        />
        {error === undefined ? null : <Failed error={error} />}
      </section>
      <section className="panel" ref={answer} aria-labelledby="answer-heading" aria-busy={busy}>
        <h2 id="answer-heading">What the model says</h2>
        <AnswerOf answered={answered} fields={model.fields} />
      </section>
    </>
  );
}
