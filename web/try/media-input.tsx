/** Files of this machine, shown or played below once they are chosen. */
import { useEffect, useId, useRef, useState } from 'react';
import { wordsOf } from '../service.ts';
import { FieldLabel } from './field-label.tsx';

const KINDS = {
  image: { accept: 'image/*', what: 'picture' },
  audio: { accept: 'audio/*', what: 'sound' },
};

/**
 * @param files - as `data:` URIs
 * @param reading - told while files are read
 */
export function MediaInput({
  name,
  kind,
  files,
  change,
  reading,
}: {
  readonly name: string;
  readonly kind: 'image' | 'audio';
  readonly files: readonly string[];
  readonly change: (files: readonly string[]) => void;
  readonly reading: (is: boolean) => void;
}) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState<string>();
  const { accept, what } = KINDS[kind];
  useEffect(() => {
    if (files.length === 0 && input.current !== null) input.current.value = '';
  }, [files]);
  const choose = async (chosen: FileList | null) => {
    setProblem(undefined);
    reading(true);
    try {
      change(await Promise.all([...(chosen ?? [])].map(dataUri)));
    } catch (error) {
      setProblem(wordsOf(error));
    } finally {
      reading(false);
    }
  };
  return (
    <>
      <FieldLabel name={name} id={id} optional />
      <input
        id={id}
        ref={input}
        type="file"
        accept={accept}
        multiple={kind === 'image'}
        onChange={(event) => void choose(event.target.files)}
      />
      {problem === undefined ? null : (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="chosen">
        {files.map((src, i) =>
          kind === 'image' ? (
            <img key={src} src={src} alt={`The ${what} ${i + 1} of ${files.length}`} />
          ) : (
            // biome-ignore lint/a11y/useMediaCaption: a sound of a product has no words to caption
            <audio key={src} src={src} controls aria-label={`The ${what} ${i + 1} of ${files.length}`} />
          ),
        )}
      </div>
    </>
  );
}

function dataUri(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(new Error(`${file.name} cannot be read.`));
    reader.readAsDataURL(file);
  });
}
