/** What `inspect` says of a folder of pictures and sounds of which some are broken, and that training goes on without them. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { beforeAll, expect, it } from 'vitest';
import type { Inspection } from '../../src/catalog/inspect/inspection.ts';
import { attune, workspace } from './attune.ts';
import { csv } from './shop.ts';

const { folder } = workspace('inspect-media');
const PRODUCTS = 60;
const BAD = { 3: 'cut.png', 7: 'text.jpg', 11: 'gone.png', 20: 'bomb.png' } as const;

beforeAll(async () => {
  mkdirSync(join(folder(), 'media'));
  const at = (name: string) => join(folder(), 'media', name);
  const colors = { Red: '#c82828', Blue: '#283cc8' };
  const rows = [];
  for (let i = 0; i < PRODUCTS; i++) {
    const color = (['Red', 'Blue'] as const)[i % 2]!;
    const background = colors[color];
    await sharp({ create: { width: 40, height: 30 + (i % 5), channels: 3, background } })
      .png()
      .toFile(at(`${i}.png`));
    const photo = `media/${BAD[i as keyof typeof BAD] ?? `${i}.png`}`;
    rows.push({
      sku: `p${i}`,
      title: `a fine thing of many words ${i * 7919}`,
      photo,
      clip: i < 20 ? 'media/silence.wav' : '',
      image_link: `http://127.0.0.1:9/${i}`,
      color,
    });
  }
  const noise = Buffer.from(Uint8Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * i * 31) % 251));
  const whole = await sharp(noise, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toBuffer();
  writeFileSync(at('cut.png'), whole.subarray(0, whole.length / 2));
  writeFileSync(at('text.jpg'), 'no picture at all');
  writeFileSync(at('bomb.png'), pngHeader(30_000, 30_000));
  writeFileSync(at('silence.wav'), silence());
  writeFileSync(join(folder(), 'products.csv'), csv(rows));
});

it('inspect counts what is missing, broken or silent, and names it', async () => {
  const ran = await attune(folder(), 'inspect', 'products.csv', '--json', '--out', 'json.yaml');
  expect(ran.code, ran.stderr).toBe(0);
  const { columns, warnings } = JSON.parse(ran.stdout) as Inspection;
  const column = (wanted: string) => columns.find(({ name }) => name === wanted)!;
  expect(column('photo')).toMatchObject({ role: 'image', media: { kind: 'image', usable: true } });
  expect(column('photo').media!.report).toMatchObject({
    files: PRODUCTS,
    read: PRODUCTS - 4,
    middle: { width: 40, height: 32 },
  });
  const named = column('photo').media!.report!.faults.map(({ code, count, examples }) => [
    code,
    count,
    examples[0]!.row,
    examples[0]!.reference,
  ]);
  expect(named.sort((a, b) => Number(a[2]) - Number(b[2]))).toEqual([
    ['image/truncated', 1, 4, 'media/cut.png'],
    ['image/not-a-picture', 1, 8, 'media/text.jpg'],
    ['media/missing', 1, 12, 'media/gone.png'],
    ['image/too-large', 1, 21, 'media/bomb.png'],
  ]);
  expect(column('clip')).toMatchObject({
    role: 'audio',
    media: { usable: true, report: { read: 20, silent: 20, middle: { seconds: 1, longest: 1 } } },
  });
  expect(column('image_link')).toMatchObject({
    role: 'image',
    media: { usable: false, report: { addresses: PRODUCTS, read: 0 } },
  });
  const warned = warnings.map(({ code, where }) => `${where} ${code}`);
  expect(warned).toEqual(
    expect.arrayContaining([
      'photo missing-media',
      'photo broken-media',
      'clip silent-media',
      'image_link addresses-unread',
    ]),
  );
});

it('inspect --fetch asks the addresses, and none in a private network', async () => {
  const ran = await attune(folder(), 'inspect', 'products.csv', '--fetch', '--out', 'fetched.yaml');
  expect(ran.code, ran.stderr).toBe(0);
  expect(ran.stdout).toContain(
    '60 x The address, or one that it redirects to, is not on the public internet.',
  );
  expect(ran.stdout).toContain('- row 5: http://127.0.0.1:9/4');
  expect(ran.stdout).toContain('and 55 more');
});

it('train with the config that inspect writes runs, and lists what cannot be read', async () => {
  const inspected = await attune(folder(), 'inspect', 'products.csv');
  expect(inspected.stdout).toContain('- row 21: media/bomb.png');
  const yaml = readFileSync(join(folder(), 'attune.yaml'), 'utf8');
  expect(yaml).toMatch(/^ {2}photo: \{kind: image\}$/m);
  expect(yaml).toMatch(/^ {2}clip: \{kind: audio\}$/m);
  expect(yaml).toMatch(/^ {2}# image_link: \{kind: image\}$/m);
  const small = ['model.layers=1', 'model.width=32', 'model.vocabulary=300', 'model.maxTokens=32'];
  const settings = [...small, 'model.imageSize=32', 'training.epochs=1', 'training.threads=1'];
  const ran = await attune(
    folder(),
    'train',
    '--out',
    'model',
    ...settings.flatMap((each) => ['--set', each]),
  );
  expect(ran.code, ran.stderr).toBe(0);
  const rejects = readFileSync(join(folder(), 'model.rejects.csv'), 'utf8');
  expect(rejects).toContain('cut.png: The PNG is cut off');
  expect(rejects).toContain('text.jpg: The file is no picture: it holds text');
  expect(rejects).toContain('gone.png is not there');
  expect(rejects).toContain('30000 x 30000 pixels');
  expect(rejects).not.toContain('silence.wav');

  const predicted = await attune(
    folder(),
    ...['predict', '--model', 'model', '--out', 'out.csv', '--json', 'products.csv'],
  );
  expect(predicted.code, predicted.stderr).toBe(0);
  expect(JSON.parse(predicted.stdout)).toMatchObject({ rows: PRODUCTS, mediaProblems: 4, finished: true });
  const unread = readFileSync(join(folder(), 'out.csv.rejects.csv'), 'utf8');
  for (const [row, reason] of [
    [4, 'cut.png: The PNG is cut off'],
    [8, 'text.jpg: The file is no picture: it holds text'],
    [12, 'gone.png is not there'],
    [21, '30000 x 30000 pixels'],
  ])
    expect(unread).toMatch(new RegExp(`,${row},.*${reason}`));
  expect(unread).not.toContain('silence.wav');
}, 300_000);

it('train and predict go on without a picture at an address that may not be asked', async () => {
  const rows = readFileSync(join(folder(), 'products.csv'), 'utf8').trimEnd().split('\n');
  writeFileSync(join(folder(), 'linked.csv'), `${rows.slice(0, 41).join('\n')}\n`);
  const yaml = readFileSync(join(folder(), 'attune.yaml'), 'utf8').replace('# image_link:', 'image_link:');
  writeFileSync(join(folder(), 'linked.yaml'), yaml.replaceAll('products.csv', 'linked.csv'));
  const small = ['model.layers=1', 'model.width=32', 'model.vocabulary=300', 'model.maxTokens=32'];
  const settings = [...small, 'model.imageSize=32', 'training.epochs=1', 'training.threads=1'];
  const ran = await attune(
    folder(),
    ...['train', '-c', 'linked.yaml', '--out', 'linked', ...settings.flatMap((each) => ['--set', each])],
  );
  expect(ran.code, ran.stderr).toBe(0);
  const refused = 'is not on the public internet';
  expect(readFileSync(join(folder(), 'linked.rejects.csv'), 'utf8').split(refused).length - 1).toBe(40);
  const predicted = await attune(
    folder(),
    ...['predict', '--model', 'linked', '--out', 'linked.csv.out.csv', 'linked.csv'],
  );
  expect(predicted.code, predicted.stderr).toBe(0);
  expect(readFileSync(join(folder(), 'linked.csv.out.csv.rejects.csv'), 'utf8')).toContain(refused);
}, 300_000);

/** All that a PNG says before its pixels. */
function pngHeader(width: number, height: number): Buffer {
  const chunk = (type: string, body: Buffer) => {
    const named = Buffer.concat([Buffer.from(type, 'latin1'), body]);
    const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(body.length);
    sum.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, sum]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([8, 2], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', Buffer.alloc(40)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A second of nothing, 16 bits at 8 kHz. */
function silence(): Buffer {
  const file = Buffer.alloc(44 + 16_000);
  file.write('RIFF', 0);
  file.writeUInt32LE(36 + 16_000, 4);
  file.write('WAVEfmt ', 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(8_000, 24);
  file.writeUInt32LE(16_000, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write('data', 36);
  file.writeUInt32LE(16_000, 40);
  return file;
}
