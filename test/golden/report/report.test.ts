import { describe, expect, it } from 'vitest';
import { evaluateAttribute } from '../../../src/evaluation/evaluate-attribute.ts';
import { renderReport } from '../../../src/evaluation/report/render-report.ts';
import type { ReportData } from '../../../src/evaluation/report/report-data.ts';
import { STYLE } from '../../../src/evaluation/report/style.ts';
import { HOSTILE, sampleReport } from './sample-report.ts';

const sample = sampleReport();
const page = renderReport(sample);

const VOID = new Set(['meta', 'br']);

/** Opens and closes every tag, or names the first that does not fit. */
function unbalanced(markup: string): string | undefined {
  const open: string[] = [];
  for (const [tag, slash, name, attributes] of markup.matchAll(
    /<(\/?)([a-z][a-z0-9]*)((?:[^<>"]|"[^"]*")*)>/g,
  )) {
    if (slash === '/') {
      if (open.pop() !== name) return tag;
    } else if (!VOID.has(name!) && !attributes!.endsWith('/')) open.push(name!);
  }
  return open.at(-1);
}

/** What a reader sees, without tags. */
const textOf = (markup: string) => markup.replace(/<style>[\s\S]*?<\/style>/, '').replace(/<[^>]*>/g, ' ');

describe('the report', () => {
  it('needs nothing from elsewhere and runs no script', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe|javascript:|@import|url\(|https?:/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('shows hostile titles, names, labels and config as text', () => {
    expect(JSON.stringify(sample).split('<script>').length).toBeGreaterThan(6);
    expect(page).not.toContain(HOSTILE);
    expect(page).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
    expect(page).not.toMatch(/<[a-z]+ on[a-z]+=/i);
  });

  it('is balanced markup, with unique ids and links that lead somewhere', () => {
    expect(unbalanced(page)).toBeUndefined();
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map((m) => m[1]);
    expect(new Set(ids).size).toBe(ids.length);
    for (const [, target] of page.matchAll(/href="#([^"]+)"/g)) expect(ids).toContain(target);
  });

  it('never prints NaN, undefined or Infinity', () => {
    expect(textOf(page)).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(page).not.toMatch(/(points|x|y|x1|y1|x2|y2|cx|cy|r)="[^"]*(NaN|Infinity|undefined)/);
  });

  it('has every part, with its numbers', () => {
    const text = textOf(page);
    for (const part of [
      'Gates',
      'Training',
      'Calibration and threshold',
      'Confusion',
      'Slices',
      'Worst mistakes',
      'Config',
    ])
      expect(text).toContain(part);
    expect(text).toContain('best epoch (4)');
    expect(text).toContain('did you mean weight?');
    expect(text).toContain(sample.attributes[0]!.autoAccept!.explanation);
    expect(text).toContain('Learn then Test');
    expect(text).toContain(`${(100 * sample.attributes[0]!.result.microF1!).toFixed(1)} %`);
    expect(page).toContain('<mark>');
  });

  it('describes each chart in words and lets tables scroll by keyboard', () => {
    const charts = page.match(/<svg viewBox="0 0 360[^>]*>/g)!;
    expect(charts.length).toBe(2 + 2 * sample.attributes.length);
    for (const chart of charts) expect(chart).toMatch(/role="img" aria-label="[^"]{30,}"/);
    const scrolling = page.match(/<div class="scroll"[^>]*>/g)!;
    for (const region of scrolling) expect(region).toMatch(/role="region" aria-label="[^"]+" tabindex="0"/);
    expect(page).toContain('<html lang="en">');
  });

  it('is the same for the same data, also after JSON', () => {
    const read: ReportData = JSON.parse(JSON.stringify(sample));
    expect(renderReport(read)).toBe(page);
    expect(renderReport(sampleReport())).toBe(page);
  });

  it('is a page also of nothing, and of an attribute without test rows', () => {
    const empty: ReportData = {
      title: 'nothing',
      facts: [],
      command: undefined,
      config: '',
      warnings: [],
      training: { devMetric: 'micro F1', epochs: [], bestEpoch: undefined },
      attributes: [],
      thresholdMethod: undefined,
      gates: [],
    };
    expect(unbalanced(renderReport(empty))).toBeUndefined();
    const { result, classes, confusion } = evaluateAttribute(
      { attribute: 'size', kind: 'choice', truth: [], predicted: [], confidences: [] },
      { seed: 1 },
    );
    const attribute = {
      result,
      classes,
      confusion,
      calibration: undefined,
      coverage: [],
      autoAccept: undefined,
      slices: undefined,
      mistakes: [],
    };
    const unlabelled = renderReport({ ...empty, attributes: [attribute] });
    expect(textOf(unlabelled)).toContain('No test row says this attribute');
    expect(textOf(unlabelled)).not.toMatch(/NaN|undefined|Infinity/);
    expect(unbalanced(unlabelled)).toBeUndefined();
  });

  it('leaves a loss that is not a number out of the curve', () => {
    const epochs = [
      { epoch: 1, trainLoss: 2, devLoss: undefined, devMetric: undefined },
      { epoch: 2, trainLoss: Number.NaN, devLoss: undefined, devMetric: undefined },
    ];
    const diverged = renderReport({ ...sample, training: { devMetric: 'micro F1', epochs, bestEpoch: 1 } });
    expect(textOf(diverged)).not.toContain('NaN');
    expect(diverged).not.toMatch(/points="[^"]*NaN/);
  });
});

describe('the colours of the report', () => {
  const themes = [...STYLE.matchAll(/:root\{([^}]*--bg[^}]*)\}/g)].map(([, block]) =>
    Object.fromEntries([...block!.matchAll(/--([a-z]+):#([0-9a-f]{3,6})/g)].map((m) => [m[1]!, m[2]!])),
  );

  /** Relative luminance and contrast as WCAG 2.2 defines them. */
  const luminance = (hex: string) => {
    const full = hex.length === 3 ? [...hex].map((c) => c + c).join('') : hex;
    const [r, g, b] = [0, 2, 4].map((i) => {
      const c = Number.parseInt(full.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  };
  const contrast = (a: string, b: string) => {
    const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (light! + 0.05) / (dark! + 0.05);
  };

  it('are readable in light and dark', () => {
    expect(themes).toHaveLength(2);
    for (const theme of themes) {
      for (const ink of ['ink', 'soft', 'first', 'second', 'good', 'bad']) {
        expect(contrast(theme[ink]!, theme.bg!)).toBeGreaterThan(4.5);
      }
      expect(contrast(theme.ink!, theme.panel!)).toBeGreaterThan(7);
      expect(contrast(theme.ink!, theme.mark!)).toBeGreaterThan(4.5);
      expect(contrast(theme.ink!, theme.warn!)).toBeGreaterThan(7);
    }
  });
});
