import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { applySettings, parseYamlConfig } from './config-errors.ts';
import { AttuneError } from './errors.ts';

const schema = z.strictObject({
  training: z
    .strictObject({
      epochs: z.int().min(1).max(1000).default(5),
      optimizer: z.enum(['sgd', 'adamw']).default('adamw'),
      rate: z.number().default(0.1),
      freeze: z.boolean().default(false),
    })
    .prefault({}),
  inputs: z
    .record(
      z.string(),
      z.union([
        z.enum(['text', 'number']).transform((kind) => ({ kind, tokens: 8 })),
        z.strictObject({ kind: z.enum(['text', 'number']), tokens: z.int().default(8) }),
      ]),
    )
    .default({}),
});

function failure(run: () => unknown): AttuneError {
  try {
    run();
  } catch (error) {
    if (error instanceof AttuneError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

const read = (text: string) => parseYamlConfig(text, schema, 'attune.yaml');
const messageOf = (text: string) => failure(() => read(text)).message;

describe('parseYamlConfig', () => {
  it('fills in the defaults and writes short forms out', () => {
    expect(read('inputs: {title: text}')).toEqual({
      training: { epochs: 5, optimizer: 'adamw', rate: 0.1, freeze: false },
      inputs: { title: { kind: 'text', tokens: 8 } },
    });
  });

  it('reads an empty file as all defaults', () => {
    expect(read('').training.epochs).toBe(5);
    expect(read('# only a comment\n').training.epochs).toBe(5);
  });

  it('names line, column and the likely key of a typing error', () => {
    const error = failure(() => read('training:\n  rate: 1\n  epohcs: 3\n'));
    expect(error.code).toBe('config/invalid');
    expect(error.message).toBe(
      'attune.yaml:3:3: "training.epohcs" is not a known setting. Did you mean "epochs"?',
    );
    expect(error.details.issues).toEqual([
      expect.objectContaining({ line: 3, column: 3, path: 'training.epohcs' }),
    ]);
  });

  it('lists the keys that are known where none is near', () => {
    expect(messageOf('training: {zzzzzzz: 3}')).toContain('Known here: epochs, optimizer, rate, freeze.');
  });

  it('names the likely word', () => {
    expect(messageOf('training: {optimizer: admw}')).toBe(
      'attune.yaml:1:23: "training.optimizer" must be one of sgd, adamw. Got "admw". Did you mean "adamw"?',
    );
  });

  it('says the range and what it got', () => {
    expect(messageOf('training: {epochs: 0}')).toContain('"training.epochs" must be at least 1. Got 0.');
    expect(messageOf('training: {epochs: 2.5}')).toContain('must be a whole number. Got 2.5.');
    expect(messageOf('training: {freeze: maybe}')).toContain('must be true or false. Got "maybe".');
  });

  it('explains the branch of a union that was meant', () => {
    expect(messageOf('inputs: {title: txt}')).toContain('Did you mean "text"?');
    expect(messageOf('inputs: {title: {kind: text, tokns: 4}}')).toContain('Did you mean "tokens"?');
    expect(messageOf('inputs: {title: {kind: text, tokens: many}}')).toBe(
      'attune.yaml:1:38: "inputs.title.tokens" must be a number. Got "many".',
    );
  });

  it('reports everything that is wrong, in the order of the file', () => {
    const lines = messageOf('inputs: {a: txt}\ntraining:\n  epochs: x\n  foo: 1\n').split('\n');
    expect(lines.map((line) => line.slice(0, 15))).toEqual([
      'attune.yaml:1:1',
      'attune.yaml:3:1',
      'attune.yaml:4:3',
    ]);
  });

  it('places a missing setting at the mapping that lacks it', () => {
    expect(messageOf('inputs:\n  title: {tokens: 4}')).toMatch(
      /^attune\.yaml:2:3: "inputs\.title\.kind" must be/,
    );
  });

  it('gives the line of what is not YAML, of a repeated key and of a file that is no mapping', () => {
    expect(messageOf('training:\n  epochs: [1\n')).toMatch(/^attune\.yaml:\d+:\d+: /);
    expect(messageOf('training: {}\ntraining: {}\n')).toMatch(/^attune\.yaml:2:1: Map keys must be unique/);
    expect(messageOf('hello')).toContain('must be settings (`name: value`). Got "hello".');
  });
});

describe('applySettings', () => {
  it('reads values as YAML and leaves the given settings as they were', () => {
    const before = read('inputs: {title: text}');
    const after = applySettings(
      before,
      ['training.epochs=7', 'training.freeze=true', 'training.rate=1e-3'],
      schema,
    );
    expect(after.training).toEqual({ epochs: 7, optimizer: 'adamw', rate: 0.001, freeze: true });
    expect(after.inputs).toEqual(before.inputs);
    expect(before.training.epochs).toBe(5);
  });

  it('takes the last of two', () => {
    expect(applySettings({}, ['training.epochs=1', 'training.epochs=2'], schema).training.epochs).toBe(2);
  });

  it('reaches into short forms and quoted names', () => {
    const config = applySettings({ inputs: { 'a b.c': 'text' } }, ['inputs."a b.c".tokens=99'], schema);
    expect(config.inputs).toEqual({ 'a b.c': { kind: 'text', tokens: 99 } });
  });

  it('names the option and the likely setting', () => {
    expect(failure(() => applySettings({}, ['training.epoch=3'], schema)).message).toBe(
      '--set training.epoch=3: "training.epoch" is not a known setting. Did you mean "training.epochs"?',
    );
    expect(failure(() => applySettings({}, ['training.epochs=abc'], schema)).message).toBe(
      '--set training.epochs=abc: "training.epochs" must be a number. Got "abc".',
    );
    expect(failure(() => applySettings({}, ['training.epochs'], schema)).message).toContain('name=value');
    expect(failure(() => applySettings({}, ['training.epochs=['], schema)).message).toContain('not YAML');
  });
});
