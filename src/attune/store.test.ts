import { expect, it } from 'vitest';
import { whichStore } from './store.ts';

it('the store is where it is said to be, else where the environment says, else in a folder', () => {
  const environment = { DATABASE_URL: 'postgres://u@h/d' };
  expect(whichStore('./mine', environment)).toEqual({ folder: './mine' });
  expect(whichStore(undefined, environment)).toEqual({ url: 'postgres://u@h/d' });
  expect(whichStore(undefined, { DATABASE_URL: '' })).toEqual({ folder: 'attune-store' });
});
