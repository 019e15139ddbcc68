import { AttuneError } from '../../base/errors.ts';
import type { RequestErrorCode } from '../errors.ts';

export function notStored(id: string): AttuneError<RequestErrorCode> {
  return new AttuneError(
    'serving/product-not-found',
    `There is no product "${id.slice(0, 100)}" in the store.`,
    {
      hint: 'PUT it, or predict it with its id.',
    },
  );
}
