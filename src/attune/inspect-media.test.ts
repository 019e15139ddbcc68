import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { MediaExaminer } from './inspect-media.ts';

it('an address that hangs ends as a fault; unasked it is not even opened', async () => {
  let asked = 0;
  // Takes the request and never answers.
  const server = createServer(() => {
    asked++;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const reference = `http://127.0.0.1:${(server.address() as AddressInfo).port}/1.jpg`;
  const unasked = new MediaExaminer(false);
  const asking = new MediaExaminer({ privateHosts: 'all', timeoutMs: 100 });
  try {
    expect(await unasked.read(reference, 'image', 'products.csv')).toEqual([{ reference, kind: 'address' }]);
    expect(asked).toBe(0);
    expect(await asking.read(reference, 'image', 'products.csv')).toMatchObject([
      { reference, kind: 'fault', code: 'media/timeout' },
    ]);
    expect(asked).toBe(1);
  } finally {
    await unasked.close();
    await asking.close();
    server.closeAllConnections();
    server.close();
  }
});
