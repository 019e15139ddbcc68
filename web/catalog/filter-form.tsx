/** What the table shows, as a form; it is applied as it is filled in. */
import type { ReactNode } from 'react';
import { addressOf } from '../route.ts';
import { type FilterName, PROVENANCE_WORDS } from './filter.ts';

export function FilterForm({
  filter,
  attributes,
}: {
  readonly filter: URLSearchParams;
  readonly attributes: readonly string[];
}) {
  const set = (name: FilterName, value: string) => {
    const next = new URLSearchParams(filter);
    if (value === '') next.delete(name);
    else next.set(name, value);
    location.replace(addressOf('catalog', [], next));
  };
  const of = (name: FilterName) => ({
    id: `filter-${name}`,
    value: filter.get(name) ?? '',
    onChange: ({ target }: { readonly target: { readonly value: string } }) => set(name, target.value),
  });
  const chosen = filter.has('attribute');
  return (
    <form className="filters" onSubmit={(event) => event.preventDefault()}>
      <Field name="category" label="Category">
        <input {...of('category')} autoComplete="off" />
      </Field>
      <Field name="supplier" label="Supplier">
        <input {...of('supplier')} autoComplete="off" />
      </Field>
      <Field name="attribute" label="Attribute">
        <select {...of('attribute')}>
          <option value="">any</option>
          {attributes.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </Field>
      {chosen ? (
        <>
          <Field name="value" label="Value">
            <input {...of('value')} autoComplete="off" />
          </Field>
          <Field name="provenance" label="Said by">
            <select {...of('provenance')}>
              <option value="">anybody</option>
              {Object.entries(PROVENANCE_WORDS).map(([provenance, words]) => (
                <option key={provenance} value={provenance}>
                  {words}
                </option>
              ))}
            </select>
          </Field>
          <Field name="status" label="Model's status">
            <select {...of('status')}>
              <option value="">any</option>
              <option>auto</option>
              <option>review</option>
              <option>abstain</option>
            </select>
          </Field>
          <Field name="minConfidence" label="Confidence from">
            <input {...of('minConfidence')} type="number" min={0} max={1} step={0.05} />
          </Field>
          <Field name="maxConfidence" label="to">
            <input {...of('maxConfidence')} type="number" min={0} max={1} step={0.05} />
          </Field>
        </>
      ) : null}
    </form>
  );
}

function Field({
  name,
  label,
  children,
}: {
  readonly name: FilterName;
  readonly label: string;
  readonly children: ReactNode;
}) {
  return (
    <div>
      <label htmlFor={`filter-${name}`}>{label}</label>
      {children}
    </div>
  );
}
