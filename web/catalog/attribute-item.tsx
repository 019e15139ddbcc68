/** One attribute of a product: what is in force and who says so, what a model says, and a way to say otherwise. */
import { useRef, useState } from 'react';
import type { HistoryAnswer } from '../../src/serving/api/history.ts';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import type { StoredProductAnswer } from '../../src/serving/api/records.ts';
import { Sure } from '../answer/attribute-row.tsx';
import { percent, written } from '../answer/said.ts';
import { CorrectForm } from './correct-form.tsx';
import type { Corrections } from './corrections.ts';
import { PROVENANCE_WORDS } from './filter.ts';

type Value = StoredProductAnswer['values'][number];
type Prediction = StoredProductAnswer['predictions'][number];

export function AttributeItem({
  name,
  kind,
  value,
  said,
  alternatives,
  mark,
  corrections,
}: {
  readonly name: string;
  /** Undefined where no model that is served gives the attribute. */
  readonly kind: ModelAnswer['attributes'][number]['kind'] | undefined;
  readonly value: Value | undefined;
  readonly said: Prediction | undefined;
  readonly alternatives: HistoryAnswer['alternatives'][string];
  readonly mark: number | undefined;
  readonly corrections: Corrections;
}) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const others = alternatives.filter((other) => other.value !== said?.value);
  const start = value?.values ?? (said === undefined ? [] : valuesOf(said));
  return (
    <li>
      <span className="name">
        <span className="swatch" aria-hidden="true" data-mark={mark} />
        {name}
      </span>
      <span className={value === undefined ? 'value none' : 'value'}>
        <bdi>{value === undefined ? 'no value' : inForce(value)}</bdi>
        {value === undefined ? null : (
          <small className="optional">
            {' '}
            said by {PROVENANCE_WORDS[value.provenance]}
            {value.who === null ? '' : ` (${value.who})`}
          </small>
        )}{' '}
        <button
          type="button"
          className="link"
          ref={button}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          Correct<span className="heard"> {name}</span>
        </button>
      </span>
      {said === undefined ? <span /> : <Sure status={said.status} confidence={said.confidence} />}
      {said === undefined ? null : (
        <span className="others">
          {said.model} {said.version}: <bdi>{written(said)}</bdi>
          {others.length === 0
            ? ''
            : `, or ${others.map((other) => `${other.value} ${percent(other.confidence)}`).join(', ')}`}
        </span>
      )}
      {open ? (
        <CorrectForm
          attribute={name}
          values={start}
          unit={value?.unit ?? said?.unit ?? null}
          several={kind === 'multi' || start.length > 1}
          busy={corrections.busy}
          correct={async (correction) => {
            if (await corrections.correct(correction)) close();
          }}
          cancel={close}
        />
      ) : null}
    </li>
  );
}

function valuesOf({ value }: Prediction): readonly string[] {
  return value === null ? [] : [value].flat().map(String);
}

function inForce({ values, unit }: Value): string {
  if (values.length === 0) return 'not applicable';
  return unit === null ? values.join(', ') : `${values.join(', ')} ${unit}`;
}
