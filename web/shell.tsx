/** The frame of every page: where one can go, and what stands there. */
import { type ComponentType, type LazyExoticComponent, lazy, Suspense, useEffect, useRef } from 'react';
import { addressOf, useRoute } from './route.ts';

type Entry = {
  readonly page: string;
  readonly name: string;
  readonly show: LazyExoticComponent<ComponentType>;
};

const PAGES: readonly Entry[] = [
  {
    page: '',
    name: 'Try',
    show: lazy(async () => ({ default: (await import('./try/try-page.tsx')).TryPage })),
  },
  {
    page: 'overview',
    name: 'Overview',
    show: lazy(async () => ({ default: (await import('./overview/overview-page.tsx')).OverviewPage })),
  },
  {
    page: 'review',
    name: 'Review',
    show: lazy(async () => ({ default: (await import('./review/review-page.tsx')).ReviewPage })),
  },
  {
    page: 'catalog',
    name: 'Catalog',
    show: lazy(async () => ({ default: (await import('./catalog/catalog-page.tsx')).CatalogPage })),
  },
  {
    page: 'train',
    name: 'Train',
    show: lazy(async () => ({ default: (await import('./train/train-page.tsx')).TrainPage })),
  },
  {
    page: 'models',
    name: 'Models',
    show: lazy(async () => ({ default: (await import('./models/models-page.tsx')).ModelsPage })),
  },
  {
    page: 'monitoring',
    name: 'Monitoring',
    show: lazy(async () => ({ default: (await import('./monitoring/monitoring-page.tsx')).MonitoringPage })),
  },
  {
    page: 'keys',
    name: 'Keys',
    show: lazy(async () => ({ default: (await import('./keys/keys-page.tsx')).KeysPage })),
  },
];

export function Shell() {
  const route = useRoute();
  const entry = PAGES.find(({ page }) => page === route.page);
  const content = useRef<HTMLElement>(null);
  const first = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is a new place for the keyboard and the screen reader
  useEffect(() => {
    document.title = entry === undefined ? 'Attune' : `${entry.name} · Attune`;
    if (!first.current) content.current?.focus();
    first.current = false;
  }, [route.page]);
  return (
    <>
      {/* biome-ignore lint/a11y/useValidAnchor: it goes to a place of this page; the hash says which page is shown */}
      <a
        className="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header>
        <p className="brand">
          <strong>Attune</strong>
        </p>
        <nav aria-label="Pages">
          {PAGES.map(({ page, name }) => (
            <a key={page} href={addressOf(page)} aria-current={page === route.page ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
        <nav aria-label="Service" className="aside">
          <a href="docs">API</a>
          <a href="openapi.json">OpenAPI</a>
        </nav>
      </header>
      <main id="content" ref={content} tabIndex={-1}>
        <Suspense fallback={<p role="status">Loading …</p>}>
          {entry === undefined ? <Nowhere /> : <entry.show />}
        </Suspense>
      </main>
    </>
  );
}

function Nowhere() {
  return (
    <section className="panel">
      <h1>No such page</h1>
      <p>
        Go to <a href={addressOf('')}>the first page</a>.
      </p>
    </section>
  );
}
