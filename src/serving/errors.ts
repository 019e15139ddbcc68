/**
 * Why the service refuses a request, or to start. One table says what each code means, another which HTTP status a
 * request ends with.
 */
export type RequestErrorCode =
  | 'serving/bad-request'
  | 'serving/malformed-json'
  | 'serving/not-found'
  | 'serving/method-not-allowed'
  | 'serving/request-timeout'
  | 'serving/body-too-large'
  | 'serving/line-too-long'
  | 'serving/unsupported-media-type'
  | 'serving/invalid-request'
  | 'serving/unknown-field'
  | 'serving/too-many-products'
  | 'serving/model-not-found'
  | 'serving/version-not-found'
  | 'serving/version-in-use'
  | 'serving/nothing-to-roll-back'
  | 'serving/load-failed'
  | 'serving/queue-full'
  | 'serving/headers-too-large'
  | 'serving/client-gone'
  | 'serving/prediction-failed'
  | 'serving/internal'
  | 'serving/page-missing'
  | 'serving/shutting-down';

type StartErrorCode = 'serving/invalid-option' | 'serving/address-in-use' | 'serving/address-unavailable';

export type ServingErrorCode = RequestErrorCode | StartErrorCode;

/** One sentence a code, for docs/errors.md and for the title of a problem. */
export const SERVING_ERRORS: { readonly [C in ServingErrorCode]: string } = {
  'serving/bad-request': 'The request is not proper HTTP.',
  'serving/malformed-json': 'The body, or a line of it, is not JSON.',
  'serving/not-found': 'Nothing is served at this address.',
  'serving/method-not-allowed': 'The address exists, but not for this method.',
  'serving/request-timeout': 'The request did not arrive in time.',
  'serving/body-too-large': 'The body has more bytes than the service takes in one call.',
  'serving/line-too-long': 'A line of the stream is longer than the service takes in one call.',
  'serving/unsupported-media-type':
    'The body has a content type or an encoding that the service does not read.',
  'serving/invalid-request': 'The body is JSON, but not of the form that this call takes.',
  'serving/unknown-field': 'The request names a field that the model, or the call, does not have.',
  'serving/too-many-products': 'The call has more products than the service takes at once.',
  'serving/model-not-found': 'There is no model of this name.',
  'serving/version-not-found': 'The model has no such version.',
  'serving/version-in-use': 'A version that answers requests was to be unloaded.',
  'serving/nothing-to-roll-back': 'No version of the model was live before the one that is.',
  'serving/load-failed': 'A model was to be loaded while the service runs, and its folder cannot be read.',
  'serving/queue-full': 'More products are waiting than the service queues; try again later.',
  'serving/headers-too-large': 'The headers of the request are too large.',
  'serving/client-gone':
    'The client closed the connection before its answer was ready; nobody sees this one.',
  'serving/prediction-failed': 'The model failed on a product; the log of the service says why.',
  'serving/internal': 'The service failed; its log says why.',
  'serving/page-missing': 'The page for people was not built, or not installed, beside the service.',
  'serving/shutting-down': 'The service is closing and takes no new work.',
  'serving/invalid-option': 'An option of the service lies outside its range.',
  'serving/address-in-use': 'Another process listens on the port.',
  'serving/address-unavailable':
    'The service may not listen on the address, or this machine has no such address.',
};

export const HTTP_STATUS: { readonly [C in RequestErrorCode]: number } = {
  'serving/bad-request': 400,
  'serving/malformed-json': 400,
  'serving/not-found': 404,
  'serving/method-not-allowed': 405,
  'serving/request-timeout': 408,
  'serving/body-too-large': 413,
  'serving/line-too-long': 413,
  'serving/unsupported-media-type': 415,
  'serving/invalid-request': 422,
  'serving/unknown-field': 422,
  'serving/too-many-products': 422,
  'serving/model-not-found': 404,
  'serving/version-not-found': 404,
  'serving/version-in-use': 409,
  'serving/nothing-to-roll-back': 409,
  'serving/load-failed': 422,
  'serving/queue-full': 429,
  'serving/headers-too-large': 431,
  // No response carries it: 499 is what nginx writes in its log for the same thing.
  'serving/client-gone': 499,
  'serving/prediction-failed': 500,
  'serving/internal': 500,
  'serving/page-missing': 404,
  'serving/shutting-down': 503,
};
