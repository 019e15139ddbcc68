import type { AddedToken } from './added-tokens.ts';
import type { SpecialTokens } from './tokenizer.ts';
import type { Component } from './tokenizer-json.ts';

/** What each kind of tokenizer calls its special tokens, most telling first. */
const USUAL_NAMES = {
  cls: ['[CLS]', '<s>'],
  sep: ['[SEP]', '</s>', '<|endoftext|>'],
  pad: ['[PAD]', '<pad>', '<|padding|>'],
  mask: ['[MASK]', '<mask>'],
  unknown: ['[UNK]', '<unk>'],
} as const;

/**
 * The ids of the special tokens: as `tokenizer_config.json` names them, else by what the post-processor puts round a text,
 * else by their usual names. GPT-2 has one for all; it separates, and pads for want of another.
 */
export function findSpecialTokens(
  tokenizer: Component,
  config: Component | undefined,
  unknown: number | undefined,
  idOf: (token: string) => number | undefined,
  added: readonly AddedToken[],
): SpecialTokens {
  const special = new Set(added.filter((token) => token.special).map((token) => token.content));
  const configured = (key: string) => {
    const value = config?.[key];
    const content = typeof value === 'object' && value !== null ? (value as Component).content : value;
    return typeof content === 'string' ? idOf(content) : undefined;
  };
  const usual = (names: readonly string[]) => {
    const name =
      names.find((candidate) => special.has(candidate)) ?? names.find((name) => idOf(name) !== undefined);
    return name === undefined ? undefined : idOf(name);
  };
  const round = aroundText(tokenizer.post_processor);
  const cls = configured('cls_token') ?? round.cls ?? usual(USUAL_NAMES.cls);
  const sep = configured('sep_token') ?? round.sep ?? usual(USUAL_NAMES.sep) ?? configured('eos_token');
  return {
    cls,
    sep,
    pad: configured('pad_token') ?? paddingId(tokenizer.padding) ?? usual(USUAL_NAMES.pad) ?? sep ?? 0,
    mask: configured('mask_token') ?? usual(USUAL_NAMES.mask),
    unknown: configured('unk_token') ?? unknown ?? usual(USUAL_NAMES.unknown),
  };
}

/** The first and last special token that a post-processor puts round a single text, where there are such. */
export function aroundText(value: unknown): { cls: number | undefined; sep: number | undefined } {
  const spec = record(value);
  if (spec?.type === 'Sequence' && Array.isArray(spec.processors)) {
    for (const step of spec.processors) {
      const found = aroundText(step);
      if (found.cls !== undefined || found.sep !== undefined) return found;
    }
  }
  const idOf = (pair: unknown) => (Array.isArray(pair) && typeof pair[1] === 'number' ? pair[1] : undefined);
  if (spec?.cls !== undefined || spec?.sep !== undefined) return { cls: idOf(spec.cls), sep: idOf(spec.sep) };
  if (spec?.type !== 'TemplateProcessing' || !Array.isArray(spec.single))
    return { cls: undefined, sep: undefined };
  const ids = spec.single.map((step: unknown) => {
    const name = record(record(step)?.SpecialToken)?.id;
    const entry = typeof name === 'string' ? record(record(spec.special_tokens)?.[name]) : undefined;
    return Array.isArray(entry?.ids) && typeof entry.ids[0] === 'number' ? entry.ids[0] : undefined;
  });
  return { cls: ids[0], sep: ids.length > 1 ? ids.at(-1) : undefined };
}

function paddingId(value: unknown): number | undefined {
  const id = record(value)?.pad_id;
  return typeof id === 'number' ? id : undefined;
}

function record(value: unknown): Component | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Component)
    : undefined;
}
