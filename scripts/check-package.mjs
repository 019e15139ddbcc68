/**
 * `npm run check:package`: packs the library, installs the tarball in an empty folder, and uses it there as a stranger
 * would: the command's help, a training on a file with the header `text,label`, a prediction, the library with its types.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, installPackages, ROOT } from './set-up.mjs';

const ROWS = 120;
const LIBRARY = `
import { AttuneError, openBundle } from 'attune';

const model = await openBundle('attune-model', { threads: 1 });
const [prediction] = await model.predict([{ texts: { text: 'I would buy it again, it fits well' } }]);
const confidence: number = prediction!.attributes.label!.confidence;
console.log(JSON.stringify(prediction!.attributes), confidence);
await model.close();
try {
  await openBundle('nowhere');
} catch (error) {
  if (!(error instanceof AttuneError) || error.code !== 'prediction/bundle-missing') throw error;
}
`;

installPackages();
build();
const folder = mkdtempSync(join(tmpdir(), 'attune-package-'));
try {
  const [{ filename, files }] = JSON.parse(
    run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], ROOT),
  );
  const unwanted = files
    .map(({ path }) => path)
    .filter((path) => /\.test\.|fixtures|^(src|test|bench)\//.test(path));
  expect(unwanted.length === 0, `The package holds ${unwanted.join(', ')}.`);
  const packed = new Set(files.map(({ path }) => path));
  const forgotten = readdirSync(join(ROOT, 'dist/page'), { recursive: true })
    .map((name) => `dist/page/${name.replaceAll('\\', '/')}`)
    .filter((path) => /\.(html|css|js)$/.test(path) && !packed.has(path));
  expect(packed.has('dist/page/index.html'), 'The package lacks the page of `attune serve`.');
  expect(forgotten.length === 0, `The page of \`attune serve\` lacks ${forgotten.join(', ')}.`);
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'stranger', private: true, type: 'module' }),
  );
  // The runtime's install script would fetch CUDA.
  writeFileSync(join(folder, '.npmrc'), 'onnxruntime-node-install=skip\nfund=false\naudit=false\n');
  run('npm', ['install', `./${filename}`, '--prefer-offline', '--loglevel=error']);

  expect(
    run('npx', ['attune', '--help']).includes('train'),
    '`attune --help` does not name the command train.',
  );
  writeFileSync(join(folder, 'train.csv'), reviews());
  const printed = run('npx', [
    'attune',
    'train',
    'train.csv',
    '--set',
    'training.epochs=2',
    '--set',
    'training.batchSize=16',
  ]);
  expect(printed.includes('label'), '`attune train` printed no figures of the attribute `label`.');
  expect(existsSync(join(folder, 'attune-model/attune.json')), '`attune train` left no model.');
  run('npx', ['attune', 'predict', 'train.csv', '--model', 'attune-model', '--out', 'predicted.csv']);
  const predicted = readFileSync(join(folder, 'predicted.csv'), 'utf8').trim().split('\n');
  expect(predicted.length === ROWS + 1, `predicted.csv has ${predicted.length} lines.`);

  writeFileSync(join(folder, 'stranger.ts'), LIBRARY);
  cpSync(join(ROOT, 'node_modules/@types'), join(folder, 'node_modules/@types'), { recursive: true });
  run(process.execPath, [
    join(ROOT, 'node_modules/typescript/bin/tsc'),
    ...['--strict', '--module', 'nodenext', '--target', 'es2023', '--types', 'node', '--skipLibCheck'],
    'stranger.ts',
  ]);
  expect(run(process.execPath, ['stranger.js']).includes('label'), 'The library predicted nothing.');
  console.error('The package installs and works in an empty folder.');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Short reviews, no two alike, whose label hangs on one word. */
function reviews() {
  const good = ['lovely', 'perfect', 'comfortable', 'great'];
  const bad = ['poor', 'itchy', 'broken', 'awful'];
  const things = ['dress', 'jumper', 'bag', 'lamp', 'rug'];
  const where = ['for work', 'at home', 'on holiday', 'every day', 'in winter', 'as a gift'];
  const rows = Array.from({ length: ROWS }, (_, i) => {
    const word = (i % 2 === 0 ? good : bad)[(i >> 1) % 4];
    return `${word} ${things[i % 5]} number ${i} ${where[(i * 7) % 6]},${i % 2 === 0 ? 'yes' : 'no'}`;
  });
  return `text,label\n${rows.join('\n')}\n`;
}

function run(command, args, cwd = folder) {
  const windows = process.platform === 'win32' && command !== process.execPath;
  return execFileSync(command, args, {
    cwd,
    encoding: 'utf8',
    shell: windows,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

function expect(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
