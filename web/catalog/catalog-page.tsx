/** The catalog as a table, and one product of it. */
import { useCallback } from 'react';
import type { ModelAnswer } from '../../src/serving/api/models.ts';
import { useLoaded } from '../loaded.tsx';
import { addressOf, useRoute } from '../route.ts';
import { ask } from '../service.ts';
import { FilterForm } from './filter-form.tsx';
import { ProductPage } from './product-page.tsx';
import { ProductTable } from './product-table.tsx';

export function CatalogPage() {
  const { rest, query } = useRoute();
  const load = useCallback(
    (signal: AbortSignal) => ask<{ models: ModelAnswer[] }>('v1/models', { signal }),
    [],
  );
  const { value } = useLoaded(load);
  const [id] = rest;
  const given = (value?.models ?? []).flatMap(({ attributes }) => attributes);
  if (id !== undefined)
    return <ProductPage key={id} id={id} back={addressOf('catalog', [], query)} given={given} />;
  const names = given.map(({ name }) => name);
  return (
    <>
      <h1>Catalog</h1>
      <FilterForm filter={query} attributes={[...new Set(names)].sort()} />
      <ProductTable filter={query.toString()} />
    </>
  );
}
