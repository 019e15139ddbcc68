/** What commands offer before they load what does the work. */

/** Of `attune serve`. */
export const DEFAULT_PORT = 8080;

/** The stream of changes, and the workers that share it. */
export const DEFAULT_STREAM = 'attune';
export const DEFAULT_GROUP = 'workers';

/** What `attune publish` writes. */
export const FEED_FORMATS = ['changes', 'google', 'jsonld'] as const;
export type FeedFormat = (typeof FEED_FORMATS)[number];
