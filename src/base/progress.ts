/**
 * What long work says while it runs. Work takes a `Progress` and never prints; the command line draws bars or plain
 * lines, the service keeps the last event, tests collect them.
 */
export type ProgressEvent =
  | { readonly kind: 'stage'; readonly stage: string; readonly total: number | undefined }
  | { readonly kind: 'advance'; readonly done: number; readonly note?: string }
  | { readonly kind: 'message'; readonly text: string }
  | { readonly kind: 'warning'; readonly text: string };

export type Progress = (event: ProgressEvent) => void;

/** For callers that do not listen. */
export const silent: Progress = () => {};
