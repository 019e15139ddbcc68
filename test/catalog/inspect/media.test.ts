/** Columns of pictures and sounds: files, bytes and addresses. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseYamlConfig } from '../../../src/base/config-errors.ts';
import { catalogConfigSchema } from '../../../src/catalog/config.ts';
import { toConfigYaml } from '../../../src/catalog/inspect/config-yaml.ts';
import { inspect } from '../../../src/catalog/inspect/inspect.ts';
import type { MediaCheck } from '../../../src/catalog/inspect/media-report.ts';
import { renderInspection } from '../../../src/catalog/inspect/render.ts';
import { Source } from '../../../src/catalog/source.ts';
import { type Cell, COLORS, csv, rolesOf, testInspections, warned } from './inspected.ts';

const { folder, inspected } = testInspections();

describe('pictures and sounds', () => {
  const rows = Array.from({ length: 40 }, (_, i): Cell[] => [
    `a fine thing of many words ${i * 7919}`,
    `photos/${i}.jpg`,
    i % 4 === 0 ? `photos/${i}a.webp|photos/${i}b.webp` : `photos/${i}_*.png`,
    `clips.zip#${i}.wav`,
    `https://cdn.example/i/${i}?w=300`,
    `//cdn.example/${i}.png`,
    `data:image/png;base64,AAAA${i}`,
    COLORS[i % 4],
  ]);
  const head = ['title', 'photo', 'gallery', 'clip', 'image_link', 'front', 'inline', 'color'];

  it('are inputs where they are files or bytes, and comments where they are addresses', async () => {
    const inspection = await inspected('media.csv', csv(head, rows));
    expect(rolesOf(inspection)).toEqual({
      title: 'text',
      photo: 'image',
      gallery: 'image',
      clip: 'audio',
      image_link: 'image',
      front: 'image',
      inline: 'image',
      color: 'attribute',
    });
    const yaml = toConfigYaml(inspection);
    expect(parseYamlConfig(yaml, catalogConfigSchema, 'attune.yaml').inputs).toMatchObject({
      title: { kind: 'text' },
      photo: { kind: 'image', most: 1 },
      gallery: { kind: 'image', most: 2 },
      clip: { kind: 'audio' },
      inline: { kind: 'image' },
    });
    expect(yaml).toContain('# image_link: {kind: image}');
    expect(yaml).toContain('# front: {kind: image}');
  });

  it('are told in a binary column by their first bytes', async () => {
    const path = join(folder(), 'bytes.parquet');
    const any = join(folder(), 'any.csv');
    writeFileSync(any, 'n\n1\n');
    const maker = await Source.open({ paths: [any], scratch: folder() });
    await maker.run(`COPY (SELECT 'a fine thing of many words ' || i * 7919 AS title, '\\xFF\\xD8\\xFF\\xE0'::BLOB AS pixels,
      'fLaC....'::BLOB AS ring, 'PK....'::BLOB AS other, CASE i % 2 WHEN 0 THEN 'Red' ELSE 'Blue' END AS color,
      {'bytes': '\\x89PNG'::BLOB, 'path': 'x.png'} AS photo FROM range(30) r(i)) TO '${path}'`);
    maker.close();
    const source = await Source.open({ paths: [path], scratch: folder() });
    expect(rolesOf(await inspect(source))).toMatchObject({
      pixels: 'image',
      ring: 'audio',
      other: 'ignored',
      photo: 'image',
    });
    source.close();
  });

  it('that are not there are no inputs, are counted, and five of them are named; of many a part is read', async () => {
    const path = join(folder(), 'gone.csv');
    writeFileSync(path, csv(head, rows));
    const source = await Source.open({ paths: [path], scratch: folder() });
    const asked: string[] = [];
    const media: MediaCheck = {
      mostCells: 10,
      read: async (cell, kind) => {
        asked.push(String(cell));
        const reference = String(cell);
        return kind === 'image'
          ? [{ reference, kind: 'fault', code: 'media/missing', meaning: 'Gone.', reason: 'It is gone.' }]
          : [{ reference, kind: 'audio', seconds: 2, silent: false }];
      },
    };
    const inspection = await inspect(source, { media });
    source.close();
    expect(asked.filter((cell) => cell.startsWith('clips.zip'))).toHaveLength(10);
    expect(warned(inspection, 'missing-media')).toContain('photo');
    const warning = inspection.warnings.find(({ where }) => where === 'photo')!;
    expect(warning.what).toBe('Of 10 pictures in 10 cells of 40, chosen by a hash, 10 are not there.');
    expect(warning.examples).toHaveLength(6);
    expect(warning.examples![5]).toMatch(/^- row \d+: photos\/\d+\.jpg \(It is gone\.\); and 5 more$/);
    const { inputs } = parseYamlConfig(toConfigYaml(inspection), catalogConfigSchema, 'attune.yaml');
    expect(Object.keys(inputs)).toEqual(['title', 'clip']);
    expect(renderInspection(inspection)).toContain('10 sounds, 2 s in the middle');
  });
});
