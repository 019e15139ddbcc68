/** Small copies of the pictures of a product. */
import { useCallback } from 'react';
import type { StoredProductAnswer } from '../../src/serving/api/records.ts';
import { useLoaded } from '../loaded.tsx';
import { askForPicture } from '../service.ts';

export function Pictures({ pictures }: Pick<StoredProductAnswer, 'pictures'>) {
  const different = [...new Map(pictures.map((picture) => [picture.hash, picture])).values()];
  if (different.length === 0) return null;
  return (
    <div className="chosen">
      {different.map(({ field, hash }, i) => (
        <Picture key={hash} hash={hash} words={`${field}, picture ${i + 1} of ${different.length}`} />
      ))}
    </div>
  );
}

function Picture({ hash, words }: { readonly hash: string; readonly words: string }) {
  const load = useCallback((signal: AbortSignal) => askForPicture(hash, signal), [hash]);
  const { value, error } = useLoaded(load);
  if (error !== undefined) return <p className="note">{words}: cannot be shown.</p>;
  return value === undefined ? (
    <span className="frame" aria-hidden="true" />
  ) : (
    <img src={value} alt={words} />
  );
}
