/**
 * Requests that schemathesis (PyPI) makes of the OpenAPI document: no 5xx, no answer that the document does not describe.
 *
 *     pip install schemathesis
 *     ATTUNE_SCHEMATHESIS=.../bin/schemathesis npx vitest run test/serving/schemathesis.test.ts
 *
 * `ATTUNE_SCHEMATHESIS_EXAMPLES` says how many requests of each call; 50 when left out.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openStore } from '../../src/store/store.ts';
import { serve, versionOf } from './http.ts';
import { keywordPredictor } from './keyword-predictor.ts';

const PROGRAM = process.env.ATTUNE_SCHEMATHESIS;
const HOOKS = fileURLToPath(new URL('./fixtures', import.meta.url));
const EXAMPLES = process.env.ATTUNE_SCHEMATHESIS_EXAMPLES ?? '50';
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'unsupported_method',
];

it.skipIf(PROGRAM === undefined)(
  'schemathesis finds no 5xx and no broken contract',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'attune-schemathesis-'));
    const store = await openStore({ folder });
    const { key } = await store.keys.create({ name: 'schemathesis', role: 'admin', createdBy: 'test' });
    const { url } = await serve({
      models: [versionOf(keywordPredictor()), versionOf(keywordPredictor(), { version: '2' })],
      store,
      repository: {
        list: async () => [{ name: 'keywords', version: '1' }],
        open: async (name, version = '1') =>
          name === 'keywords' ? versionOf(keywordPredictor(), { version }) : undefined,
      },
      embedder: {
        name: 'zeros',
        embed: async (texts) => texts.map(() => new Float32Array(3)),
        close: async () => {},
      },
    });
    const args = [
      'run',
      `${url}/openapi.json`,
      '--checks',
      CHECKS.join(','),
      '-H',
      `Authorization: Bearer ${key}`,
    ];
    // The key that it comes with must not be revoked, nor the models unloaded, while it runs.
    const excluded = ['revokeKey', 'unloadModel', 'repositoryUnload'].flatMap((id) => [
      '--exclude-operation-id',
      id,
    ]);
    const more = ['--max-examples', EXAMPLES, '--seed', '1', '--workers', '1', ...excluded];
    const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) => {
      const env = { ...process.env, PYTHONPATH: HOOKS, SCHEMATHESIS_HOOKS: 'schemathesis_hooks' };
      execFile(
        PROGRAM!,
        [...args, ...more],
        { env, cwd: folder, maxBuffer: 64 * 1024 * 1024 },
        (error, stdout, stderr) => resolve({ code: error?.code ?? 0, output: stdout + stderr }),
      );
    });
    await store.close();
    rmSync(folder, { recursive: true, force: true });
    expect(code, output).toBe(0);
  },
  1_800_000,
);
