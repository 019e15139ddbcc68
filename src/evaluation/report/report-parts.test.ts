import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { evaluateAttribute } from '../evaluate-attribute.ts';
import { worstRows } from './attribute-report.ts';
import { countingAxis, roundAxis, shareAxis } from './charts/axis.ts';
import { displayWidth, fitWidth, printable } from './display-width.ts';
import { numberFigure, shareFigure } from './figures.ts';
import { escapeHtml, html, markupOf } from './html.ts';
import { renderTables } from './render-tables.ts';
import { excerpt } from './sections/mistakes-section.ts';

const results = [
  evaluateAttribute(
    {
      attribute: 'colour',
      kind: 'choice',
      truth: [['red'], ['blue'], ['blue']],
      predicted: [['red'], ['blue'], ['red']],
      confidences: [0.9, 0.8, 0.3],
    },
    { seed: 1, threshold: 0.5 },
  ).result,
  evaluateAttribute(
    {
      attribute: '素材（表地）',
      kind: 'multi',
      truth: [['綿']],
      predicted: [['綿', '絹']],
      confidences: [0.9],
    },
    { seed: 1 },
  ).result,
];
const weight = evaluateAttribute(
  {
    attribute: 'weight',
    kind: 'number',
    unit: 'g',
    tolerance: 0.05,
    truth: [1, 2],
    predicted: [1, 3],
    confidences: [1, 1],
  },
  { seed: 1 },
).result;

describe('the terminal table', () => {
  it('lines up its columns by what a terminal shows, also in Chinese and Japanese', () => {
    const lines = renderTables([...results, weight])
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(5);
    const ends = [...lines[1]!.matchAll(/─+/g)].map((m) => m.index + m[0].length);
    for (const line of lines) {
      // Between two columns there are always two blanks, counted in terminal columns.
      const cells = [...line].flatMap((c) => (displayWidth(c) === 2 ? [c, ''] : [c]));
      for (const end of ends.slice(0, -1)) {
        if (end < cells.length) expect(cells.slice(end, end + 2).join('')).toMatch(/^ {0,2}$/);
      }
    }
    expect(lines[3]).toContain('素材（表地）');
  });

  it('has the figures, intervals and thresholds', () => {
    const text = renderTables(results, { attributes: 2, precision: 0.6, recall: 0.75, f1: 2 / 3 });
    expect(text).toContain('micro F1 [95% CI]');
    expect(text).toMatch(
      /^colour +choice +3 +66\.7 +66\.7 +66\.7 +66\.7 \[\d+\.\d, \d+\.\d\] +66\.7 +0\.500 +66\.7$/m,
    );
    expect(text).toMatch(/素材（表地） +multi +1 +0\.0 +50\.0 +100\.0 .* review +0\.0/);
    expect(text).toMatch(/all 2 +60\.0 +75\.0 +66\.7/);
  });

  it('leaves out columns that say nothing and keeps them where one attribute fills them', () => {
    expect(renderTables(results)).not.toContain('MAE');
    expect(renderTables([weight])).toMatch(/MAE +R2/);
    expect(renderTables([weight])).not.toContain('macro F1');
    expect(renderTables([weight])).toContain('0.5 g');
    expect(renderTables([])).toContain('No attribute');
  });

  it('cuts long names and lets none move the cursor', () => {
    const long = renderTables([{ ...weight, attribute: 'x'.repeat(100) }]);
    expect(long).toContain(`${'x'.repeat(31)}…`);
    const escapeCode = String.fromCharCode(27);
    expect(renderTables([{ ...weight, attribute: `a${escapeCode}[2Jb\nc` }])).toContain('a\ufffd[2Jb\ufffdc');
    expect(printable('\u202eabc')).toBe('\ufffdabc');
  });

  it('never prints NaN', () => {
    const none = evaluateAttribute(
      {
        attribute: 'x',
        kind: 'number',
        unit: undefined,
        tolerance: 0,
        truth: [],
        predicted: [],
        confidences: [],
      },
      { seed: 1 },
    ).result;
    expect(renderTables([none])).not.toMatch(/NaN|undefined/);
    expect(shareFigure(Number.NaN)).toBe('–');
    expect(numberFigure(undefined)).toBe('–');
  });
});

describe('display width', () => {
  it('counts wide characters twice and marks not at all', () => {
    const cases: [string, number][] = [
      ['abc', 3],
      ['黒', 2],
      ['ｱ', 1],
      ['한국어', 6],
      ['e\u0301', 1],
      ['👟', 2],
      ['👩‍👩‍👧', 2],
      ['🇩🇪', 2],
      ['\u200d', 0],
      ['قميص', 4],
      ['、。', 4],
    ];
    for (const [text, width] of cases) expect([text, displayWidth(text)]).toEqual([text, width]);
  });

  it('fits any text into any column exactly', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 2, max: 20 }), (text, width) => {
        const clean = printable(text);
        expect(displayWidth(fitWidth(clean, width, 'left'))).toBe(width);
        expect(displayWidth(fitWidth(clean, width, 'right'))).toBe(width);
      }),
    );
  });
});

describe('markup', () => {
  it('escapes whatever is not markup, in text and in attributes', () => {
    const name = `"><script>'&`;
    const made = markupOf(
      html`<b title="${name}">${name}${[html`<i>1</i>`, html`<i>2</i>`]}${false}${undefined}${3}</b>`,
    );
    expect(made).toBe(
      '<b title="&quot;&gt;&lt;script&gt;&#39;&amp;">&quot;&gt;&lt;script&gt;&#39;&amp;<i>1</i><i>2</i>3</b>',
    );
  });

  it('has no character left that could end a text or an attribute', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(0x2ff)), (units) => {
        const text = String.fromCharCode(...units);
        expect(escapeHtml(text)).not.toMatch(/[<>"']/);
        expect(escapeHtml(text)).not.toContain('\u0000');
      }),
    );
  });
});

describe('an excerpt', () => {
  it('stays within its limit, keeps the evidence and cuts no character in two', () => {
    const texts = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });
    fc.assert(
      fc.property(
        texts,
        fc.nat(),
        fc.nat(20),
        fc.integer({ min: 40, max: 100 }),
        (text, at, length, limit) => {
          const start = at % text.length;
          const end = Math.min(text.length, start + length);
          const cut = excerpt({ field: 'title', text, evidence: [{ start, end }] }, limit);
          expect(cut.text.length).toBeLessThanOrEqual(limit + 4);
          const [span] = cut.evidence;
          if (text.length <= limit) expect(cut.text).toBe(text);
          else if (span !== undefined) {
            expect(text.slice(start, end)).toContain(cut.text.slice(span.start, span.end));
            expect(span.end - span.start).toBeGreaterThanOrEqual(end - start - 1);
          }
          const whole = (s: string) =>
            !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(s);
          if (whole(text)) expect(whole(cut.text)).toBe(true);
        },
      ),
    );
  });
});

describe('the worst rows', () => {
  it('are the wrong ones the model was surest of', () => {
    expect(worstRows([true, false, false, false], [1, 0.2, 0.9, 0.5], 2)).toEqual([2, 3]);
  });
});

describe('axes', () => {
  it('have round ticks around the data', () => {
    expect(roundAxis('loss', 0.24, 2.41, String).ticks).toEqual([0, 0.5, 1, 1.5, 2, 2.5]);
    expect(roundAxis('loss', 3, 3, String).ticks.length).toBeGreaterThan(2);
    expect(roundAxis('loss', 0, 0, String).high).toBeGreaterThan(0);
    expect(countingAxis('epoch', 1, 50).ticks).toHaveLength(10);
    expect(countingAxis('epoch', 1, 1).high).toBe(2);
    expect(shareAxis('precision', 0.99).ticks.at(-1)).toBe(1);
  });

  it('cover whatever range there is', () => {
    const number = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(number, number, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const axis = roundAxis('x', low, high, String);
        const slack = 1e-6 * Math.max(1, Math.abs(low), Math.abs(high));
        expect(axis.low).toBeLessThanOrEqual(low + slack);
        expect(axis.high).toBeGreaterThanOrEqual(high - slack);
        expect(axis.ticks.length).toBeLessThanOrEqual(10);
        expect(axis.high).toBeGreaterThan(axis.low);
      }),
    );
  });
});
