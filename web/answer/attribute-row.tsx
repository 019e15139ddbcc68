/** One attribute of an answer: value, how sure, what else it could be, and what each modality added. */
import { percent, type Said, written } from './said.ts';

const STATUS_MEANING = {
  auto: 'Sure enough to be taken as it is',
  review: 'A person should look at it',
  abstain: 'Nothing to say',
};

export function AttributeRow({ said, mark }: { readonly said: Said; readonly mark: number | undefined }) {
  const others = said.alternatives.filter(({ value }) => value !== said.value);
  return (
    <li>
      <span className="name">
        <span className="swatch" aria-hidden="true" data-mark={mark} />
        {said.name}
      </span>
      <span className={said.value === null ? 'value none' : 'value'} dir="auto">
        {written(said)}
      </span>
      <Sure status={said.status} confidence={said.confidence} />
      {others.length === 0 ? null : (
        <span className="others">
          or {others.map(({ value, confidence }) => `${value} ${percent(confidence)}`).join(', ')}
        </span>
      )}
      {said.contributions === undefined ? null : <Contributions said={said} parts={said.contributions} />}
    </li>
  );
}

export function Sure({
  status,
  confidence,
}: {
  readonly status: Said['status'];
  readonly confidence: number;
}) {
  return (
    <span className="sure">
      <span className={`status ${status}`} title={STATUS_MEANING[status]}>
        {status}
      </span>
      <span className="bar" aria-hidden="true">
        <span style={{ width: percent(confidence) }} />
      </span>
      <span className="percent">
        <span className="heard">confidence </span>
        {percent(confidence)}
      </span>
    </span>
  );
}

/** What each modality added to the answer, the most first; points are hundredths of a probability. */
function Contributions({
  said: { value, unit },
  parts: { baseline, parts },
}: {
  readonly said: Said;
  readonly parts: NonNullable<Said['contributions']>;
}) {
  const isNumber = typeof value === 'number';
  const points = (part: number) =>
    isNumber ? `${part.toFixed(0)}${unit === undefined ? '' : ` ${unit}`}` : `${Math.round(100 * part)}`;
  const sorted = Object.entries(parts).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const title = `${points(baseline)} without knowing anything; with what each modality added it comes to ${isNumber ? 'the answer' : "the model's own probability, in points"}`;
  return (
    <span className="parts" title={title}>
      {sorted.map(([name, part], i) => (
        <span key={name} className={i === 0 && part > 0 ? 'part most' : 'part'}>
          {name} {part < 0 ? '−' : '+'}
          {points(Math.abs(part))}
        </span>
      ))}
    </span>
  );
}
