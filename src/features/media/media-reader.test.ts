import { createWriteStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { pathToFileURL } from 'node:url';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { MediaReader } from './media-reader.ts';
import { sha256 } from './outcome.ts';

let root: string;
let reader: MediaReader;
const MEMBERS = {
  'a/2.jpg': 'two',
  'a/10.jpg': 'ten',
  'b.jpg': 'b',
  'big.jpg': 'x'.repeat(300),
  'none.jpg': '',
};

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'attune-media-'));
  await mkdir(join(root, 'photos', 'deep'), { recursive: true });
  for (const name of ['1_10.jpg', '1_2.jpg', '2_1.jpg', 'deep/1_3.jpg', '[1].jpg'])
    await writeFile(join(root, 'photos', name), name);
  await writeFile(join(root, 'empty.jpg'), '');
  await writeFile(join(root, 'broken.zip'), 'no archive');
  await writeFile(join(root, 'broken.tar.gz'), 'no archive');

  const zip = new ZipFile();
  for (const [name, content] of Object.entries(MEMBERS)) zip.addBuffer(Buffer.from(content), name);
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(join(root, 'p.zip')));
  for (const name of ['p.tar', 'p.tar.gz']) {
    const tar = pack();
    for (const [member, content] of Object.entries(MEMBERS)) tar.entry({ name: `./${member}` }, content);
    tar.entry({ name: 'link.jpg', type: 'symlink', linkname: '/etc/passwd' });
    tar.finalize();
    const file = createWriteStream(join(root, name));
    await (name.endsWith('gz') ? pipeline(tar, createGzip(), file) : pipeline(tar, file));
  }
  reader = new MediaReader({ root, maxBytes: 200 });
});
afterEach(() => reader.close());
afterAll(() => rm(root, { recursive: true }));

const read = async (reference: string | Uint8Array) => {
  const outcome = await reader.read(reference);
  return outcome.ok ? Buffer.from(outcome.bytes).toString() : outcome.code;
};

it('reads files by relative and absolute path and by file: URL, and those of a catalog from Windows', async () => {
  expect(await read('photos/1_2.jpg')).toBe('1_2.jpg');
  expect(await read(join(root, 'photos/1_2.jpg'))).toBe('1_2.jpg');
  expect(await read(pathToFileURL(join(root, 'photos/1_2.jpg')).href)).toBe('1_2.jpg');
  expect(await read('photos\\deep\\1_3.jpg')).toBe('deep/1_3.jpg');
});

it('hands bytes on, with their hash', async () => {
  const bytes = Buffer.from('abc');
  expect(await reader.read(bytes)).toEqual({ ok: true, bytes, sha256: sha256('abc') });
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  expect(await read(new Uint8Array(201))).toBe('media/too-large');
  expect(await read(new Uint8Array())).toBe('media/empty');
  expect(await read('data:,abc')).toBe('abc');
});

it('says why a file is not read', async () => {
  expect(await reader.read('photos/3.jpg')).toEqual({
    ok: false,
    code: 'media/missing',
    reason: `${join(root, 'photos/3.jpg')} is not there.`,
  });
  expect(await read('photos')).toBe('media/unreadable');
  expect(await read('empty.jpg')).toBe('media/empty');
  expect(await read('p.tar')).toBe('media/too-large');
  expect(await read('photos/\0')).toBe('media/unreadable');
  expect(await read('photos/1_2.jpg/x.jpg')).toBe('media/missing');
  for (const odd of ['file://server/1.jpg', 'file:///a%2Fb.jpg', 'file:///%E0%A4%A.jpg']) {
    expect(await reader.references(odd)).toEqual([odd]);
    expect(await read(odd)).toBe('media/missing');
  }
  expect(await read('file://server/p.zip#b.jpg')).toBe('media/missing');
});

it.skipIf(process.platform === 'win32')('reads no device, which may never end', async () => {
  expect(await read('/dev/zero')).toBe('media/unreadable');
});

it('expands patterns in natural order, and leaves what matches nothing', async () => {
  const photos = (...names: string[]) => names.map((name) => join(root, 'photos', name));
  expect(await reader.references('photos/1_*.jpg')).toEqual(photos('1_2.jpg', '1_10.jpg'));
  expect(await reader.references('photos/**/1_*.jpg | photos/2_?.jpg')).toEqual(
    photos('1_2.jpg', '1_10.jpg', 'deep/1_3.jpg', '2_1.jpg'),
  );
  expect(await reader.references(join(root, 'photos/{1_2,2_1}.jpg'))).toEqual(photos('1_2.jpg', '2_1.jpg'));
  expect(await reader.references('photos/[1].jpg')).toEqual(['photos/[1].jpg']);
  expect(await reader.references('photos/9_*.jpg')).toEqual(['photos/9_*.jpg']);
  expect(await reader.references('https://a.example/?a=*')).toEqual(['https://a.example/?a=*']);
});

it.each(['p.zip', 'p.tar', 'p.tar.gz'])('reads members of %s, one by one or by pattern', async (archive) => {
  expect(await reader.references(`${archive}#a/*.jpg`)).toEqual([
    `${archive}#a/2.jpg`,
    `${archive}#a/10.jpg`,
  ]);
  expect(await read(`${archive}#a/10.jpg`)).toBe('ten');
  expect(await read(`${archive}#./a/2.jpg`)).toBe('two');
  expect(await read(`${archive}#b.jpg`)).toBe('b');
  expect(await read(`${archive}#big.jpg`)).toBe('media/too-large');
  expect(await read(`${archive}#none.jpg`)).toBe('media/empty');
  expect(await read(`${archive}#c.jpg`)).toBe('media/missing');
  expect(await read(`${archive}#link.jpg`)).toBe('media/missing');
});

it('says that an archive is broken, is not there, or unpacks to too much', async () => {
  expect(await read('broken.zip#a.jpg')).toBe('media/archive');
  expect(await read('broken.tar.gz#a.jpg')).toBe('media/archive');
  expect(await read('nowhere.zip#a.jpg')).toBe('media/missing');
  expect(await reader.references('nowhere.zip#*.jpg')).toEqual(['nowhere.zip#*.jpg']);
  const strict = new MediaReader({ root, maxArchiveBytes: 5 });
  expect(await strict.read('p.tar#a/2.jpg')).toMatchObject({ ok: false, code: 'media/archive' });
  await strict.close();
});

it('leaves nothing of a tar behind', async () => {
  const left = async () => (await readdir(tmpdir())).filter((name) => name.startsWith('attune-tar-')).length;
  const before = await left();
  expect(await read('p.tar.gz#b.jpg')).toBe('b');
  expect(await left()).toBe(before + 1);
  await reader.close();
  expect(await left()).toBe(before);
});

it('reads no file and follows no address where it may not', async () => {
  const service = new MediaReader({ addresses: false });
  for (const reference of ['/etc/hostname', 'p.zip#b.jpg', 'file:///etc/hostname', 'https://a.example/1.jpg'])
    expect(await service.read(reference)).toMatchObject({ ok: false, code: 'media/not-allowed' });
  expect(await service.references('/etc/*')).toEqual(['/etc/*']);
  await service.close();
});

it('reads files of one folder only where it is told so, and tells nothing of others', async () => {
  const photos = join(root, 'photos');
  const bound = new MediaReader({ root: join(photos, 'deep'), within: photos });
  const told = async (reference: string) => {
    const outcome = await bound.read(reference);
    return outcome.ok ? Buffer.from(outcome.bytes).toString() : outcome.code;
  };
  expect(await told('1_3.jpg')).toBe('deep/1_3.jpg');
  expect(await told('../1_2.jpg')).toBe('1_2.jpg');
  expect(await told(join(photos, '2_1.jpg'))).toBe('2_1.jpg');
  expect(await told('../gone.jpg')).toBe('media/missing');
  expect(await told('data:,abc')).toBe('abc');
  expect(await bound.references('../1_*.jpg')).toHaveLength(2);
  const outside = join(root, 'empty.jpg');
  expect(await bound.read(outside)).toEqual({
    ok: false,
    code: 'media/not-allowed',
    reason: `${outside} is not read: of files only those in ${photos} are, beside addresses and bytes in the cells.`,
  });
  for (const reference of [
    '/etc/hostname',
    '/etc/nowhere.jpg',
    'file:///etc/hostname',
    '../../empty.jpg',
    '..\\..\\empty.jpg',
    '../../photos-of-others/1.jpg',
    '../../p.zip#b.jpg',
    `${join(root, 'p.tar')}#*.jpg`,
    '../../*.jpg',
    '../**/../../empty.jp?',
    '/etc/host*',
  ]) {
    expect(await bound.references(reference), reference).toEqual([reference]);
    expect(await told(reference), reference).toBe('media/not-allowed');
  }
  await bound.close();
});
