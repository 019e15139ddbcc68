/** `/v1/products`: what the store keeps of them. There where a store is. */
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { ProductFilter } from '../../store/product-filter.ts';
import type { StoredProduct } from '../../store/products.ts';
import type { Store } from '../../store/store.ts';
import {
  type ProductQuery,
  productIdContract,
  productPageContract,
  productQueryContract,
  productWriteContract,
  removedContract,
  storedProductContract,
} from '../api/records.ts';
import { REFUSALS, refused } from '../documentation.ts';
import { notStored } from './not-stored.ts';
import { picturesOf } from './pictures-of.ts';

const NO_PRODUCT = refused('There is no such product.');

export function productRoutes(server: FastifyInstance, store: Store): void {
  const typed = server.withTypeProvider<ZodTypeProvider>();
  const schema = (operationId: string, summary: string) => ({ tags: ['products'], operationId, summary });
  typed.get(
    '/v1/products',
    {
      schema: {
        ...schema('listProducts', 'Products by id, a page at a time, with values and predictions'),
        querystring: productQueryContract,
        response: { 200: productPageContract },
      },
    },
    async ({ query }) => {
      const { after, limit } = query;
      const page = await store.products.page({
        filter: filterOf(query),
        ...(after === undefined ? {} : { after }),
        ...(limit === undefined ? {} : { limit }),
      });
      return { products: await whole(store, page.products), next: page.next ?? null };
    },
  );
  typed.get(
    '/v1/products/:id',
    {
      schema: {
        ...schema('getProduct', 'One product, with values and predictions'),
        params: productIdContract,
        response: { 200: storedProductContract, 404: NO_PRODUCT },
      },
    },
    async ({ params: { id } }) => one(store, id),
  );
  typed.put(
    '/v1/products/:id',
    {
      schema: {
        ...schema('putProduct', 'Keep a product; what is there under its id is replaced, its values stay'),
        params: productIdContract,
        body: productWriteContract,
        response: { 200: storedProductContract, ...REFUSALS },
      },
    },
    async ({ params: { id }, body: { media, ...body } }) => {
      await store.products.put([{ ...body, id, ...(media === undefined ? {} : { media }) }] as Parameters<
        Store['products']['put']
      >[0]);
      return one(store, id);
    },
  );
  typed.delete(
    '/v1/products/:id',
    {
      schema: {
        ...schema('removeProduct', 'Remove a product and all that hangs on it'),
        params: productIdContract,
        response: { 200: removedContract, 404: NO_PRODUCT },
      },
    },
    async ({ params: { id } }) => {
      const removed = await store.products.remove([id]);
      if (removed === 0) throw notStored(id);
      return { removed };
    },
  );
}

function filterOf(query: ProductQuery): ProductFilter {
  const { supplier, category, locale, attribute, value, missing, provenance, status, model } = query;
  const confidence = {
    ...(query.minConfidence === undefined ? {} : { min: query.minConfidence }),
    ...(query.maxConfidence === undefined ? {} : { max: query.maxConfidence }),
  };
  return {
    ...(supplier === undefined ? {} : { supplier }),
    ...(category === undefined ? {} : { category }),
    ...(locale === undefined ? {} : { locale }),
    ...(attribute === undefined
      ? {}
      : {
          attributes: [
            {
              attribute,
              confidence,
              ...(value === undefined ? {} : { value }),
              ...(missing === undefined ? {} : { missing: missing === 'true' }),
              ...(provenance === undefined ? {} : { provenance: [provenance] }),
              ...(status === undefined ? {} : { status: [status] }),
              ...(model === undefined ? {} : { model: { name: model } }),
            },
          ],
        }),
  };
}

async function one(store: Store, id: string) {
  const [product] = await whole(store, await store.products.get([id]));
  if (product === undefined) throw notStored(id);
  return product;
}

/** Products with the values in force and what was predicted last. */
async function whole(store: Store, products: readonly StoredProduct[]) {
  const ids = products.map(({ id }) => id);
  const [values, predictions, pictures] = await Promise.all([
    store.values.of(ids),
    store.predictions.of(ids),
    store.pictures.of(ids),
  ]);
  return products.map(({ id, supplier, category, locale, fields, media, created, updated }) => ({
    id,
    supplier,
    category,
    locale,
    fields: { ...fields },
    media: media.map(({ field, reference }) => ({ field, reference })),
    pictures: picturesOf(pictures, id),
    created: created.toISOString(),
    updated: updated.toISOString(),
    values: values
      .filter(({ productId }) => productId === id)
      .map((inForce) => ({
        attribute: inForce.attribute,
        values: [...inForce.values],
        unit: inForce.unit,
        provenance: inForce.provenance,
        who: inForce.who,
        model: inForce.model,
        version: inForce.version,
        updated: inForce.updated.toISOString(),
      })),
    predictions: predictions
      .filter(({ productId }) => productId === id)
      .map((said) => ({
        attribute: said.attribute,
        model: said.model,
        version: said.version,
        value: Array.isArray(said.value) ? [...said.value] : (said.value as string | number | null),
        unit: said.unit,
        notApplicable: said.notApplicable,
        confidence: said.confidence,
        status: said.status,
        source: said.source,
        evidence: [...said.evidence],
        at: said.at.toISOString(),
      })),
  }));
}
