import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { gramsOf, SKETCH_BINS, similarity, sketchOf } from './sketch.ts';

const sketch = (text: string) => sketchOf(gramsOf(text).hashes);

/** The similarity that the sketch estimates, from the sets themselves. */
function jaccard(a: Uint32Array, b: Uint32Array): number {
  const [setA, setB] = [new Set(a), new Set(b)];
  const both = [...setA].filter((hash) => setB.has(hash)).length;
  return both / (setA.size + setB.size - both);
}

describe('a sketch', () => {
  it('estimates the Jaccard similarity of texts of any length', () => {
    const random = new Random(1);
    for (const words of [3, 12, 200]) {
      let bias = 0;
      let worst = 0;
      for (let trial = 0; trial < 200; trial++) {
        const a = Array.from({ length: words }, () => `w${random.below(1e6).toString(36)}`);
        const b = a.map((w) => (random.uniform() < 0.15 ? `w${random.below(1e6).toString(36)}` : w));
        const [x, y] = [gramsOf(a.join(' ')), gramsOf(b.join(' '))];
        const error = similarity(sketchOf(x.hashes), sketchOf(y.hashes)) - jaccard(x.hashes, y.hashes);
        bias += error / 200;
        worst = Math.max(worst, Math.abs(error));
      }
      expect(Math.abs(bias)).toBeLessThan(0.02);
      expect(worst).toBeLessThan(0.2);
    }
  });

  it('has a symbol in each bin, also of a single 4-gram', () => {
    for (const text of ['a', 'ab', 'abc', '红', 'x'.repeat(5000)]) {
      expect(sketch(text)).toMatch(new RegExp(`^[A-Za-z0-9+-]{${SKETCH_BINS}}$`));
    }
  });

  it('does not see case, punctuation, spaces, width or emoji', () => {
    const plain = gramsOf('red cotton shirt 42');
    for (const other of ['  Red, COTTON-shirt (42)!', 'Ｒｅｄ cotton shirt 42 👕']) {
      expect(gramsOf(other).whole).toBe(plain.whole);
    }
    expect(gramsOf('red cotton shirts 42').whole).not.toBe(plain.whole);
  });

  it('tells texts of signs only apart', () => {
    expect(gramsOf('👕').whole).not.toBe(gramsOf('👖').whole);
    expect(gramsOf('👕').hashes.length).toBe(0);
  });

  it('finds a changed character in a Chinese title as near as a changed word in an English one', () => {
    const near = similarity(
      sketch('夏季新款女士红色纯棉短袖连衣裙大码宽松显瘦'),
      sketch('夏季新款女士蓝色纯棉短袖连衣裙大码宽松显瘦'),
    );
    expect(near).toBeGreaterThan(0.6);
    expect(similarity(sketch('夏季新款女士红色纯棉'), sketch('男士真皮商务手提公文包'))).toBeLessThan(0.1);
  });
});
