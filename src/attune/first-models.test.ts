import { describe, expect, it } from 'vitest';
import type { OpenedVersion } from '../serving/models/opened-version.ts';
import { firstModels, openFirst } from './first-models.ts';
import type { ModelSource } from './model-sources.ts';

/** `shop@2` */
const sources = (...names: string[]): ModelSource[] =>
  names.map((each) => {
    const [name, version] = each.split('@') as [string, string];
    return { name, version, folder: each };
  });

describe('what a service opens first', () => {
  const first = (...given: Parameters<typeof firstModels>) =>
    firstModels(...given).map(({ sources: list, needed }) => [
      list.map(({ folder }) => folder).join(' '),
      needed,
    ]);

  it('is what was named, then of each model what answered last, then the newest', () => {
    expect(
      first(sources('a@1', 'a@2'), sources('a@9', 'b@3', 'b@2', 'c@1'), sources('b@2', 'd@1', 'a@7')),
    ).toEqual([
      ['a@1', true],
      ['a@2', true],
      ['b@2 b@3', false],
      ['c@1', false],
      ['d@1', false],
    ]);
  });
});

describe('opening them', () => {
  const run = async (broken: readonly string[], ...given: Parameters<typeof firstModels>) => {
    const closed: string[] = [];
    const told = openFirst(firstModels(...given), async ({ name, version, folder }) => {
      if (broken.includes(folder)) throw new Error(`${folder} is broken`);
      return { name, version, close: async () => void closed.push(folder) } as unknown as OpenedVersion;
    });
    return { told, closed };
  };

  it('goes on without one that does not open, with an older one where there is one, and says so', async () => {
    const { told } = await run(['b@3', 'd@1'], sources('a@1'), sources('b@3', 'b@2'), sources('d@1'));
    const { opened, failed } = await told;
    expect(opened.map(({ name, version }) => `${name}@${version}`)).toEqual(['a@1', 'b@2']);
    expect(failed).toEqual([
      { name: 'b', version: '3', problem: 'b@3 is broken' },
      { name: 'd', version: '1', problem: 'd@1 is broken' },
    ]);
  });

  it('fails where one that was named does not open, or none does, and leaves nothing open', async () => {
    const named = await run(['b@1'], sources('a@1', 'b@1'), [], []);
    await expect(named.told).rejects.toThrow('b@1 is broken');
    expect(named.closed).toEqual(['a@1']);
    const none = await run(['b@2', 'b@1', 'd@1'], [], sources('b@2', 'b@1'), sources('d@1'));
    await expect(none.told).rejects.toThrow('b@2 is broken');
    const nothing = await run([], [], [], []);
    expect(await nothing.told).toEqual({ opened: [], failed: [] });
  });
});
