/**
 * Why the service refuses a request, or to start. One table says what each code means, another which HTTP status a
 * request ends with.
 */
import type { StoreErrorCode } from '../store/errors.ts';

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
  | 'serving/attribute-not-found'
  | 'serving/version-in-use'
  | 'serving/nothing-to-roll-back'
  | 'serving/load-failed'
  | 'serving/product-not-found'
  | 'serving/picture-not-found'
  | 'serving/file-not-found'
  | 'serving/file-unreadable'
  | 'serving/file-too-large'
  | 'serving/file-in-use'
  | 'serving/bad-config'
  | 'serving/run-not-found'
  | 'serving/run-state'
  | 'serving/training-failed'
  | 'serving/workspace-unwritable'
  | 'serving/key-needed'
  | 'serving/not-allowed'
  | 'serving/foreign-caller'
  | 'serving/first-key'
  | 'serving/still-running'
  | 'serving/key-reused'
  | 'serving/rate-limited'
  | 'serving/queue-full'
  | 'serving/headers-too-large'
  | 'serving/client-gone'
  | 'serving/prediction-failed'
  | 'serving/internal'
  | 'serving/page-missing'
  | 'serving/shutting-down';

/** Of workers that take changes from a stream, or share the work on a file. */
type StreamErrorCode =
  | 'serving/stream-unavailable'
  | 'serving/change-too-large'
  | 'serving/change-abandoned'
  | 'serving/part-failed';

type StartErrorCode =
  | 'serving/invalid-option'
  | 'serving/keys-needed'
  | 'serving/address-in-use'
  | 'serving/address-unavailable';

export type ServingErrorCode = RequestErrorCode | StartErrorCode | StreamErrorCode;

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
  'serving/attribute-not-found': 'The model has no such attribute.',
  'serving/version-in-use': 'A version that answers requests was to be unloaded.',
  'serving/nothing-to-roll-back': 'No version of the model was live before the one that is.',
  'serving/load-failed': 'A model was to be loaded while the service runs, and its folder cannot be read.',
  'serving/picture-not-found': 'The store keeps no copy of the picture.',
  'serving/product-not-found': 'There is no product of this id in the store.',
  'serving/file-not-found': 'There is no file of this id in the workspace.',
  'serving/file-unreadable': 'A file that was sent is none that Attune reads, or it is damaged.',
  'serving/file-too-large': 'A file that was sent has more bytes than the service takes.',
  'serving/file-in-use': 'A file was to be deleted that a run which has not finished reads.',
  'serving/bad-config':
    'The config of a training that was asked for is not what its schema allows, or names a path.',
  'serving/run-not-found': 'There is no training of this id in the workspace.',
  'serving/run-state':
    'A training was to be cancelled, resumed or deleted, and is not in a state that allows it.',
  'serving/training-failed': 'The process of a training ended without saying why, or could not be started.',
  'serving/workspace-unwritable': 'The workspace of the service cannot be written, or its disk is full.',
  'serving/key-needed': 'The call needs a key, and none that is known was sent.',
  'serving/not-allowed': 'The key that was sent has not the role that the call needs.',
  'serving/foreign-caller': 'No key is set, so nobody but this machine is answered.',
  'serving/first-key': 'The first key of a service must be that of an admin.',
  'serving/still-running': 'A request with the same Idempotency-Key is under way.',
  'serving/key-reused': 'An Idempotency-Key was used for another request before.',
  'serving/rate-limited': 'The caller made more calls, or sent more wrong keys, in a minute than one may.',
  'serving/keys-needed':
    'The service was to listen where others reach it, and no key is set that they would need.',
  'serving/queue-full': 'More products are waiting than the service queues; try again later.',
  'serving/headers-too-large': 'The headers of the request are too large.',
  'serving/client-gone':
    'The client closed the connection before its answer was ready; nobody sees this one.',
  'serving/prediction-failed': 'The model failed on a product; the log of the service says why.',
  'serving/internal': 'The service failed; its log says why.',
  'serving/page-missing': 'The page for people was not built, or not installed, beside the service.',
  'serving/shutting-down': 'The service is closing and takes no new work.',
  'serving/stream-unavailable':
    'NATS does not answer, or does not let this user make or read the streams. No change is lost.',
  'serving/change-too-large': 'A change has more bytes than a message of NATS may have.',
  'serving/change-abandoned':
    'A change was taken many times, and each worker ended before it was done; it lies with the dead letters.',
  'serving/part-failed': 'A part of a file that workers share could not be predicted by any of them.',
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
  'serving/attribute-not-found': 404,
  'serving/version-in-use': 409,
  'serving/nothing-to-roll-back': 409,
  'serving/load-failed': 422,
  'serving/product-not-found': 404,
  'serving/picture-not-found': 404,
  'serving/file-not-found': 404,
  'serving/file-unreadable': 422,
  'serving/file-too-large': 413,
  'serving/file-in-use': 409,
  'serving/bad-config': 422,
  'serving/run-not-found': 404,
  'serving/run-state': 409,
  // Told in the run, not by a call.
  'serving/training-failed': 500,
  'serving/workspace-unwritable': 507,
  'serving/key-needed': 401,
  'serving/not-allowed': 403,
  'serving/foreign-caller': 403,
  'serving/first-key': 409,
  'serving/still-running': 409,
  'serving/key-reused': 422,
  'serving/rate-limited': 429,
  'serving/queue-full': 429,
  'serving/headers-too-large': 431,
  // No response carries it: 499 is what nginx writes in its log for the same thing.
  'serving/client-gone': 499,
  'serving/prediction-failed': 500,
  'serving/internal': 500,
  'serving/page-missing': 404,
  'serving/shutting-down': 503,
};

/** Refusals of the store that a client may see: they name what the client named. */
export const STORE_STATUS: Readonly<Partial<Record<StoreErrorCode, number>>> = {
  'store/not-found': 404,
  'store/conflict': 409,
  'store/bad-value': 422,
  'store/unavailable': 503,
  'store/disk-full': 507,
};
