/**
 * Seeded random numbers. A stream is named by a seed and a key, so every product, shopper or week is a pure function
 * of its own key: any part of the catalog can be made again without the rest, in any order, with no memory of it.
 */

/** @param {readonly (string | number)[]} key @returns {[number, number, number, number]} four 32-bit words */
function words(key) {
  const text = key.join('\u001f');
  let a = 1779033703;
  let b = 3144134277;
  let c = 1013904242;
  let d = 2773480762;
  for (let i = 0; i < text.length; i++) {
    const k = text.charCodeAt(i);
    a = b ^ Math.imul(a ^ k, 597399067);
    b = c ^ Math.imul(b ^ k, 2869860233);
    c = d ^ Math.imul(c ^ k, 951274213);
    d = a ^ Math.imul(d ^ k, 2716044179);
  }
  a = Math.imul(c ^ (a >>> 18), 597399067);
  b = Math.imul(d ^ (b >>> 22), 2869860233);
  c = Math.imul(a ^ (c >>> 17), 951274213);
  d = Math.imul(b ^ (d >>> 19), 2716044179);
  return [a >>> 0, b >>> 0, c >>> 0, d >>> 0];
}

/** sfc32 (Doty-Humphrey, PractRand), keyed. */
export class Random {
  #a;
  #b;
  #c;
  #d;

  /** @param {...(string | number)} key the seed and the name of the stream */
  constructor(...key) {
    [this.#a, this.#b, this.#c, this.#d] = words(key);
    for (let i = 0; i < 8; i++) this.uint32();
  }

  /** @returns {number} an integer in [0, 2^32) */
  uint32() {
    const t = (this.#a + this.#b + this.#d) | 0;
    this.#d = (this.#d + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + t) | 0;
    return t >>> 0;
  }

  /** @returns {number} in [0, 1) */
  uniform() {
    return this.uint32() / 0x1_0000_0000;
  }

  /** @param {number} p */
  chance(p) {
    return this.uniform() < p;
  }

  /** @param {number} n @returns {number} an integer in [0, n) */
  below(n) {
    return Math.floor(this.uniform() * n);
  }

  /** @param {number} low @param {number} high both included */
  int(low, high) {
    return low + this.below(high - low + 1);
  }

  /** @template T @param {readonly T[]} items not empty @returns {T} */
  pick(items) {
    return /** @type {T} */ (items[this.below(items.length)]);
  }

  /** @param {Readonly<Record<string, number>>} weights value -> weight @returns {string} */
  weighted(weights) {
    let left = this.uniform() * Object.values(weights).reduce((sum, w) => sum + w, 0);
    let last = '';
    for (const [value, weight] of Object.entries(weights)) {
      last = value;
      left -= weight;
      if (left < 0) break;
    }
    return last;
  }

  /** An index, with the chances that the weights give. @param {readonly number[]} weights */
  index(weights) {
    let left = this.uniform() * weights.reduce((sum, w) => sum + w, 0);
    for (let i = 0; i < weights.length; i++) {
      left -= /** @type {number} */ (weights[i]);
      if (left < 0) return i;
    }
    return weights.length - 1;
  }

  /** @template T @param {readonly T[]} items @returns {T[]} a new array in random order */
  shuffled(items) {
    const result = [...items];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [result[i], result[j]] = [/** @type {T} */ (result[j]), /** @type {T} */ (result[i])];
    }
    return result;
  }

  /** Standard normal (Box and Muller 1958). */
  normal() {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /** Poisson count: by inversion below a mean of 30, by a rounded normal above. @param {number} mean */
  poisson(mean) {
    if (mean > 30) return Math.max(0, Math.round(mean + Math.sqrt(mean) * this.normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = this.uniform(); product > limit; product *= this.uniform()) count++;
    return count;
  }
}
