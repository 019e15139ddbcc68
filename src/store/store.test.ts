import { describe, expect, it } from 'vitest';
import { openStore, storeAddress } from './store.ts';

describe('a store', () => {
  it('is at an address or in a folder', () => {
    expect(storeAddress('postgres://u@h/d')).toEqual({ url: 'postgres://u@h/d' });
    expect(storeAddress('postgresql://u@h/d')).toEqual({ url: 'postgresql://u@h/d' });
    expect(storeAddress('./postgres')).toEqual({ folder: './postgres' });
  });

  it('is not at both, nor nowhere, nor at an address that is none', async () => {
    const refused = { code: 'store/address-invalid' };
    await expect(openStore({})).rejects.toMatchObject(refused);
    await expect(openStore({ url: 'postgres://h/d', folder: 'x' })).rejects.toMatchObject(refused);
    await expect(openStore({ url: 'postgres://h:port/d' })).rejects.toMatchObject(refused);
  });

  it('that does not answer says so, and never its password', async () => {
    const failed = await openStore({ url: 'postgres://me:s3cret@127.0.0.1:1/db' }).catch((error) => error);
    expect(failed).toMatchObject({ code: 'store/unavailable' });
    expect(`${failed.message} ${JSON.stringify(failed.details)}`).not.toContain('s3cret');
  });
});
