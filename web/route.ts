/** Which page is shown: the hash of the address, so that the service has one file to send, wherever it is mounted. */
import { useSyncExternalStore } from 'react';

export type Route = {
  /** The first part of the path: `review` of `#/review`. */
  readonly page: string;
  /** What follows it, decoded. */
  readonly rest: readonly string[];
  readonly query: URLSearchParams;
};

/** @param hash - `#/catalog/SKU-1?color=Red` */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page = '', ...rest] = path.split('/').map((part) => decodeURIComponent(part));
  return { page, rest, query: new URLSearchParams(query) };
}

export function addressOf(page: string, rest: readonly string[] = [], query?: URLSearchParams): string {
  const path = [page, ...rest].map((part) => encodeURIComponent(part)).join('/');
  const asked = query?.toString();
  return `#/${path}${asked ? `?${asked}` : ''}`;
}

export function useRoute(): Route {
  const hash = useSyncExternalStore(
    (changed) => {
      addEventListener('hashchange', changed);
      return () => removeEventListener('hashchange', changed);
    },
    () => location.hash,
  );
  return routeOf(hash);
}
