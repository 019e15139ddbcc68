/**
 * An event log, shopper profiles, a category column and a price through the commands: what only one of them tells is learned, and
 * what happens after the prediction's time has no say.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, expect, it } from 'vitest';
import { Random } from '../../src/base/random.ts';
import { openBundle } from '../../src/index.ts';
import { attune, ended, type Ran, start, workspace } from './attune.ts';
import { config, csv } from './shop.ts';

const { folder } = workspace('behaviour');
const KINDS = ['shirt', 'mug', 'lamp'];
const BRANDS = { near: ['Alder', 'Birch', 'Cedar'], far: ['Dune', 'Ember', 'Fjord'] } as const;
const SEASON_MONTHS = { summer: [4, 5, 6, 7], winter: [10, 11, 0, 1] } as const;
const AUDIENCES = ['women', 'men', 'kids'] as const;
/** The time of the prediction. */
const AT = '2024-06-01';

/** The title says the kind, the brand the origin, when it sells the season, who buys it the audience, a search the style. */
type Told = {
  readonly sku: string;
  readonly title: string;
  readonly brand: string;
  readonly kind: string;
  readonly origin: keyof typeof BRANDS;
  readonly season: keyof typeof SEASON_MONTHS;
  readonly audience: (typeof AUDIENCES)[number];
  readonly style: 'boho' | 'classic';
};
const ATTRIBUTES = ['kind', 'origin', 'season', 'audience', 'style'] as const;
const TELLERS = {
  kind: 'text',
  origin: 'table',
  season: 'clicks',
  audience: 'clicks',
  style: 'clicks',
} as const;

const products = told(300, 1);
let trained: Ran;

beforeAll(async () => {
  writeFileSync(join(folder(), 'products.csv'), csv(products));
  writeFileSync(join(folder(), 'shoppers.csv'), csv(shoppers()));
  const past = eventsOf(products, 2);
  writeFileSync(
    join(folder(), 'events.csv'),
    `${csv(past)}soon,w1,view,${products[0]!.sku},\n2024-01-01,w1,wished,${products[0]!.sku},\n`,
  );
  writeFileSync(join(folder(), 'longer.csv'), csv([...past, ...contraryFuture(products)]));
  writeFileSync(
    join(folder(), 'attune.yaml'),
    config({
      data: '{path: products.csv, id: sku, split: {by: hash, dev: 0.15, test: 0.2}}',
      inputs: `{title: text, brand: category, clicks: {kind: behaviour, events: events.csv, shoppers: shoppers.csv, at: ${AT}}}`,
      attributes: `{${ATTRIBUTES.map((name) => `${name}: choice`).join(', ')}}`,
      model: '{layers: 1, width: 32, vocabulary: 300, maxTokens: 32}',
      training: '{epochs: 20, patience: 20, threads: 1, batchSize: 8}',
    }),
  );
  trained = await attune(folder(), 'train', '--out', 'model', '--json');
}, 300_000);

it('train learns what only the title, the brand, the sales, the buyers or the searches tell', () => {
  expect(trained.code, trained.stderr).toBe(0);
  expect(trained.stderr).toMatch(/clicks: \d+ figures of the event log/);
  const { results, alone } = JSON.parse(trained.stdout) as {
    results: { attribute: string; accuracy: number }[];
    alone: { modality: string; microF1: Record<string, number> }[];
  };
  for (const { attribute, accuracy } of results) expect(accuracy, attribute).toBeGreaterThan(0.85);
  expect(alone.map(({ modality }) => modality)).toEqual(['text', 'table', 'clicks', 'nothing']);
  for (const [attribute, teller] of Object.entries(TELLERS))
    for (const { modality, microF1 } of alone) {
      const figure = expect(microF1[attribute], `${attribute} by ${modality}`);
      if (modality === teller) figure.toBeGreaterThan(0.8);
      else figure.toBeLessThan(0.75);
    }
});

it('inspect counts the events of a log, finds their products in the catalog, and makes an input of it', async () => {
  const files = ['--events', 'events.csv', '--shoppers', 'shoppers.csv', 'products.csv'];
  const ran = await attune(folder(), 'inspect', '--out', 'found.yaml', ...files);
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain('3,000 views, 4,200 purchases of 300 products by 120 shoppers, from 2022-');
  expect(ran.stdout).toContain('Shoppers are told by group.');
  expect(ran.stdout).toContain('Of 300 products of the log the catalog has 300.');
  expect(ran.stdout).toContain('1 row left out: the event has no time, or one that cannot be read.');
  const yaml = readFileSync(join(folder(), 'found.yaml'), 'utf8');
  expect(yaml).toContain('behaviour: {kind: behaviour, events: events.csv, shoppers: shoppers.csv}');
  expect(yaml).toContain('# brand: {kind: category}');
});

it('train lists rows of the log that are no events, with row and reason', () => {
  const rejects = readFileSync(join(folder(), 'model.rejects.csv'), 'utf8').trimEnd().split('\n');
  expect(rejects).toHaveLength(3);
  expect(rejects.join('\n')).toMatch(/events\.csv,\d+,.*event-without-time/);
  expect(rejects.join('\n')).toMatch(/events\.csv,\d+,.*event-kind-unknown,.*wished/);
  expect(trained.stderr).toContain('2 rows of the event log');
});

it('train and predict give the same to the bit when events after the time are added', async () => {
  const run = (out: string, events: string) =>
    attune(
      folder(),
      ...['train', '--out', out, '--set', 'training.epochs=1', '--set', `inputs.clicks.events=${events}`],
    );
  const weights: Buffer[] = [];
  for (const events of ['events.csv', 'longer.csv']) {
    const ran = await run(`one-${events}`, events);
    expect(ran.code, ran.stderr).toBe(0);
    weights.push(readFileSync(join(folder(), `one-${events}`, 'model.safetensors')));
  }
  expect(weights[0]!.equals(weights[1]!)).toBe(true);
  const answers: string[] = [];
  for (const [i, flags] of [
    [],
    ['--events', 'longer.csv', '--at', AT],
    ['--events', 'longer.csv'],
  ].entries()) {
    const ran = await attune(
      folder(),
      ...[
        'predict',
        '--model',
        'model',
        '--out',
        `same-${i}.csv`,
        '--threads',
        '1',
        ...flags,
        'products.csv',
      ],
    );
    expect(ran.code, ran.stderr).toBe(0);
    answers.push(readFileSync(join(folder(), `same-${i}.csv`), 'utf8'));
  }
  expect(answers[1]).toBe(answers[0]);
  expect(answers[2]).not.toBe(answers[0]);
});

it('predict reads a newer log for products that nobody had seen, says what contributed, and does without a log', async () => {
  const fresh = told(30, 9);
  writeFileSync(
    join(folder(), 'fresh.csv'),
    csv(fresh.map(({ sku, title, brand }) => ({ sku, title, brand }))),
  );
  writeFileSync(join(folder(), 'newer.jsonl'), jsonl(eventsOf(fresh, 10)));
  const predict = async (out: string, ...flags: string[]) => {
    const ran = await attune(
      folder(),
      ...['predict', '--model', 'model', '--out', out, ...flags, 'fresh.csv'],
    );
    expect(ran.code, ran.stderr).toBe(0);
    return rowsOf(out);
  };
  const rows = await predict(
    'fresh.jsonl',
    '--contributions',
    '--events',
    'newer.jsonl',
    '--shoppers',
    'shoppers.csv',
  );
  for (const [attribute, teller] of Object.entries(TELLERS)) {
    const name = attribute as keyof typeof TELLERS;
    const right = rows.filter((row, i) => row[`predicted_${name}`] === fresh[i]![name]);
    expect(right.length, name).toBeGreaterThan(24);
    const most = right.filter((row) => {
      const parts = JSON.parse(String(row[`predicted_${name}_contributions`])) as Record<string, number>;
      return Object.entries(parts).sort(([, a], [, b]) => b - a)[0]![0] === teller;
    });
    expect(most.length, name).toBeGreaterThan(0.8 * right.length);
  }
  const without = await predict('without.jsonl', '--no-events');
  expect(without.map(({ predicted_kind }) => predicted_kind)).toEqual(fresh.map(({ kind }) => kind));
});

it('predict that was stopped does not go on with another log, other shoppers or another time', async () => {
  const many = Array.from({ length: 4000 }, (_, i) => ({ ...products[i % products.length]!, sku: `m${i}` }));
  writeFileSync(join(folder(), 'many.csv'), csv(many));
  writeFileSync(join(folder(), 'other-shoppers.csv'), csv(shoppers().slice(1)));
  const command = ['predict', '--model', 'model', '--threads', '1', '--out', 'stopped.csv'];
  const flags = { '--events': 'events.csv', '--shoppers': 'shoppers.csv', '--at': '2024-05-01' };
  const asked = (more: Readonly<Record<string, string>> = {}) => [
    ...command,
    ...Object.entries({ ...flags, ...more }).flat(),
    'many.csv',
  ];
  const child = start(folder(), asked());
  const running = ended(child);
  while (!existsSync(join(folder(), 'stopped.csv.partial.json'))) await wait(10);
  child.kill('SIGKILL');
  await running;
  for (const other of [
    { '--at': '2024-05-02' },
    { '--events': 'longer.csv' },
    { '--shoppers': 'other-shoppers.csv' },
  ]) {
    const { code, stderr } = await attune(folder(), ...asked(other));
    expect([code, stderr], JSON.stringify(other)).toEqual([1, expect.stringContaining('with other options')]);
  }
  const resumed = await attune(folder(), ...asked(), '--json');
  expect(resumed.code, resumed.stderr).toBe(0);
  expect(JSON.parse(resumed.stdout).resumedRows).toBeGreaterThan(0);
});

it('evaluate reads the log of training where none is named', async () => {
  const ran = await attune(folder(), 'evaluate', '--model', 'model', '--json', 'products.csv');
  expect(ran.code, ran.stderr).toBe(0);
  const figures = (text: string) =>
    (JSON.parse(text) as { results: { attribute: string; accuracy: number }[] }).results;
  for (const { attribute, accuracy } of figures(ran.stdout))
    expect(accuracy, attribute).toBeGreaterThan(0.85);
  const blind = await attune(
    folder(),
    'evaluate',
    '--model',
    'model',
    '--json',
    '--no-events',
    'products.csv',
  );
  const season = figures(blind.stdout).find(({ attribute }) => attribute === 'season');
  expect(season!.accuracy).toBeLessThan(0.75);
  const odd = await attune(folder(), 'evaluate', '--model', 'model', '--at', 'soon', 'products.csv');
  expect(odd).toMatchObject({ code: 2, stderr: expect.stringContaining('"soon" is no date or time') });
});

it('predict says what to do where the log of training is not there', async () => {
  mkdirSync(join(folder(), 'elsewhere'));
  const ran = await attune(
    join(folder(), 'elsewhere'),
    ...['predict', '--model', '../model', '--out', 'out.csv', '../products.csv'],
  );
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain('[catalog/file-missing]');
  expect(ran.stderr).toContain('Name the event log with --events');
});

it('serve and the library find products in the log by their ids', async () => {
  const { sku, title, brand, season, audience } = products[3]!;
  const flags = {
    events: [join(folder(), 'events.csv')],
    shoppers: [join(folder(), 'shoppers.csv')],
    at: AT,
  };
  const model = await openBundle(join(folder(), 'model'), { behaviour: flags });
  const [known, unknown] = await model.predict([
    { id: sku, texts: { title }, table: { brand } },
    { id: 'nobody', texts: { title }, table: { brand } },
  ]);
  await model.close();
  expect([known!.attributes.season!.value, known!.attributes.audience!.value]).toEqual([season, audience]);
  expect(unknown!.attributes.season).not.toEqual(known!.attributes.season);

  const service = start(folder(), [
    'serve',
    '--model',
    'model',
    '--port',
    '0',
    '--events',
    'events.csv',
    '--shoppers',
    'shoppers.csv',
    '--at',
    AT,
  ]);
  try {
    const url = await new Promise<string>((resolve) => {
      let text = '';
      service.stderr!.on('data', (chunk) => {
        text += String(chunk);
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
        if (found) resolve(found[0]);
      });
    });
    const response = await fetch(`${url}/v1/products:predict`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ products: [{ id: sku, title, brand }] }),
    });
    const { predictions } = (await response.json()) as {
      predictions: { attributes: Record<string, { value: string; confidence: number }> }[];
    };
    const { value, confidence } = predictions[0]!.attributes.season!;
    expect(value).toBe(season);
    expect(confidence).toBeCloseTo(known!.attributes.season!.confidence, 4);
  } finally {
    service.kill('SIGTERM');
    await ended(service);
  }
});

it('export writes behaviour and categories into the ONNX file, checked against the model', async () => {
  const ran = await attune(folder(), 'export', '--model', 'model', '--to', 'onnx', 'model.onnx');
  expect(ran.code, ran.stderr).toBe(0);
  const bytes = readFileSync(join(folder(), 'model.onnx'), 'latin1');
  for (const name of ['table.categories', 'behaviour.clicks.values', 'behaviour.clicks.words.ids'])
    expect(bytes).toContain(name);
});

it('train tells each product as of its own time, where a column says it', async () => {
  const early = products.map((product, i) => ({ ...product, asked: i % 2 === 0 ? AT : '2022-01-01' }));
  writeFileSync(join(folder(), 'timed.csv'), csv(early));
  const settings = [
    'data.path=timed.csv',
    'training.epochs=1',
    'inputs.clicks={kind: behaviour, events: longer.csv, shoppers: shoppers.csv, atColumn: asked}',
  ];
  const ran = await attune(
    folder(),
    ...['train', '--out', 'timed', ...settings.flatMap((setting) => ['--set', setting])],
  );
  expect(ran.code, ran.stderr).toBe(0);
  const predicted = async (out: string, ...flags: string[]) => {
    const { code, stderr } = await attune(
      folder(),
      ...['predict', '--model', 'timed', '--out', out, ...flags, 'timed.csv'],
    );
    expect(code, stderr).toBe(0);
    return rowsOf(out).map((row) => ATTRIBUTES.map((name) => row[`predicted_${name}_confidence`]).join(' '));
  };
  const own = await predicted('own.jsonl');
  const atOnce = await predicted('once.jsonl', '--at', AT);
  const blind = await predicted('blind.jsonl', '--no-events');
  expect(atOnce.filter((value, i) => value !== blind[i]).length).toBeGreaterThan(250);
  // Nothing had happened by the start of 2022.
  expect(own.map((value, i) => (i % 2 === 0 ? value === atOnce[i] : value === blind[i]))).toEqual(
    own.map(() => true),
  );
});

it('what predict says of a product with a time of its own depends on no other product in the file', async () => {
  // Two months of days, which are too many to be told apart; those of the few are not.
  const dayOf = (i: number) => new Date(Date.UTC(2023, 5, 1 + i)).toISOString();
  const timed = products.slice(0, 60).map((product, i) => ({ ...product, asked: dayOf(i) }));
  writeFileSync(join(folder(), 'days.csv'), csv(timed));
  writeFileSync(join(folder(), 'few.csv'), csv(timed.slice(40, 45)));
  writeFileSync(join(folder(), 'days-events.csv'), csv(eventsOf(products.slice(0, 60), 2)));
  const settings = [
    'data.path=days.csv',
    'training.epochs=1',
    'attributes={kind: choice, season: choice}',
    'inputs.clicks={kind: behaviour, events: days-events.csv, atColumn: asked, neighbours: 1, queries: 1}',
  ];
  const ran = await attune(
    folder(),
    ...['train', '--out', 'days', ...settings.flatMap((setting) => ['--set', setting])],
  );
  expect(ran.code, ran.stderr).toBe(0);
  const predicted = async (out: string, file: string) => {
    const { code, stderr } = await attune(
      folder(),
      ...['predict', '--model', 'days', '--precision', 'int8', '--out', out, file],
    );
    expect(code, stderr).toBe(0);
    return rowsOf(out).map((row) => `${row.predicted_kind_confidence} ${row.predicted_season_confidence}`);
  };
  const among = await predicted('among.jsonl', 'days.csv');
  expect(await predicted('alone.jsonl', 'few.csv')).toEqual(among.slice(40, 45));
}, 300_000);

it('a row whose only input is a number is a product', async () => {
  const random = new Random(5);
  const rows = Array.from({ length: 120 }, (_, i) => {
    const price = 5 + random.below(100);
    return { sku: `n${i}`, title: '', price: String(price), tier: price < 50 ? 'cheap' : 'dear' };
  });
  writeFileSync(join(folder(), 'prices.csv'), csv(rows));
  const settings = [
    'inputs={title: text, price: number}',
    'attributes={tier: choice}',
    'data.path=prices.csv',
  ];
  const ran = await attune(
    folder(),
    ...['train', '--json', '--out', 'prices', '--set', 'training.learningRate=0.005'],
    ...settings.flatMap((setting) => ['--set', setting]),
  );
  expect(ran.code, ran.stderr).toBe(0);
  const { results } = JSON.parse(ran.stdout) as { results: { accuracy: number }[] };
  expect(results[0]!.accuracy).toBeGreaterThan(0.75);
});

function rowsOf(file: string): Record<string, unknown>[] {
  return readFileSync(join(folder(), file), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

const jsonl = (rows: readonly object[]) => `${rows.map((row) => JSON.stringify(row)).join('\n')}\n`;

function told(count: number, seed: number): Told[] {
  const random = new Random(seed, 0xbe4a);
  return Array.from({ length: count }, (_, i) => {
    const kind = random.pick(KINDS);
    const origin = random.pick(['near', 'far'] as const);
    return {
      sku: `p${seed}-${i}`,
      title: `${kind} number ${random.below(1000)} of ${random.below(1000)}`,
      brand: random.pick(BRANDS[origin]),
      kind,
      origin,
      season: random.pick(['summer', 'winter'] as const),
      audience: random.pick(AUDIENCES),
      style: random.pick(['boho', 'classic'] as const),
    };
  });
}

const SHOPPERS_EACH = 40;

function shoppers(): Record<string, string>[] {
  return AUDIENCES.flatMap((group) =>
    Array.from({ length: SHOPPERS_EACH }, (_, i) => ({ shopper: `${group[0]}${i}`, group })),
  );
}

type Event = Record<'time' | 'shopper' | 'event' | 'sku' | 'query', string>;

/** Of two years before the time: bought in season by those it is for, viewed by anyone at any time, searched for by its style. */
function eventsOf(of: readonly Told[], seed: number): Event[] {
  const random = new Random(seed, 0xe7e);
  const anyone = () => `${random.pick(AUDIENCES)[0]}${random.below(SHOPPERS_EACH)}`;
  const day = (month: number) => {
    const year = 2022 + random.below(2) + (month < 5 ? 1 : 0) - (month < 5 && random.below(2) ? 1 : 0);
    return new Date(Date.UTC(year, month, 1 + random.below(27), random.below(24))).toISOString();
  };
  return of.flatMap(({ sku, season, audience, style }) => {
    const bought = Array.from({ length: 14 }, (): Event => {
      const shopper = random.below(10) < 8 ? `${audience[0]}${random.below(SHOPPERS_EACH)}` : anyone();
      const month = random.below(10) < 8 ? random.pick(SEASON_MONTHS[season]) : random.below(12);
      return { time: day(month), shopper, event: 'purchase', sku, query: '' };
    });
    const seen = Array.from({ length: 10 }, (_, i): Event => {
      const query = i < 3 ? `${style} ${random.pick(KINDS)}` : '';
      return { time: day(random.below(12)), shopper: anyone(), event: 'view', sku, query };
    });
    return [...bought, ...seen];
  });
}

/** After the time everything is bought by others, in the other season. */
function contraryFuture(of: readonly Told[]): Event[] {
  return of.flatMap(({ sku, season, audience }, i) => {
    const shopper = `${AUDIENCES[(AUDIENCES.indexOf(audience) + 1) % 3]![0]}${i % SHOPPERS_EACH}`;
    const time = season === 'winter' ? `${AT}T00:00:00Z` : '2024-12-20T10:00:00Z';
    return Array.from({ length: 30 }, () => ({
      time,
      shopper,
      event: 'purchase',
      sku,
      query: 'other style',
    }));
  });
}
