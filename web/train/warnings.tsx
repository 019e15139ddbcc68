/** What would spoil a model, and what to do about it. */
import type { InspectionAnswer } from '../../src/serving/api/training.ts';

type Warning = InspectionAnswer['warnings'][number];

const ORDER: readonly Warning['level'][] = ['error', 'warning', 'note'];

export function Warnings({ warnings }: { readonly warnings: readonly Warning[] }) {
  if (warnings.length === 0) return null;
  const sorted = [...warnings].sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
  return (
    <details open={sorted.some(({ level }) => level === 'error')}>
      <summary>
        {warnings.length === 1 ? 'One thing' : `${warnings.length} things`} to know before it is trained
      </summary>
      <ul className="lines">
        {sorted.map(({ level, code, where, what, why, action }) => (
          <li key={`${code} ${where} ${what}`} className="warning">
            <span className={`status ${level === 'note' ? 'abstain' : 'review'}`}>{level}</span>
            <span>
              <strong>
                <bdi>{where}</bdi>
              </strong>
              : {what} {why} {action}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}
