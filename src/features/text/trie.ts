/**
 * A prefix tree over UTF-16 units, in one open-addressing hash table of (node, unit) -> node: a vocabulary of 250,000
 * tokens is in it within a second and takes tens of megabytes, where a tree of Maps would take hundreds.
 */
export class Trie {
  #nodes: Int32Array;
  #units: Uint16Array;
  #children: Int32Array;
  #used = 0;
  /** What stands at a node, or -1; node 0 is the root. */
  #values: number[] = [-1];

  /** @param expected - nodes to make room for; it grows beyond */
  constructor(expected: number) {
    const size = 1 << Math.max(4, Math.ceil(Math.log2(expected * 2 + 1)));
    this.#nodes = new Int32Array(size).fill(-1);
    this.#units = new Uint16Array(size);
    this.#children = new Int32Array(size);
  }

  /** @param value - not negative; the last one given for a word counts */
  add(word: string, value: number): void {
    let node = 0;
    for (let i = 0; i < word.length; i++) {
      const unit = word.charCodeAt(i);
      const slot = this.#slot(node, unit);
      if (this.#nodes[slot] === -1) {
        const child = this.#values.push(-1) - 1;
        this.#put(slot, node, unit, child);
        if (++this.#used * 2 > this.#nodes.length) this.#grow();
        node = child;
      } else node = this.#children[slot]!;
    }
    this.#values[node] = value;
  }

  /** Calls `found` for every word that stands in `text` at `from`, shortest first. */
  prefixes(text: string, from: number, found: (value: number, to: number) => void): void {
    let node = 0;
    for (let i = from; i < text.length; i++) {
      const slot = this.#slot(node, text.charCodeAt(i));
      if (this.#nodes[slot] === -1) return;
      node = this.#children[slot]!;
      const value = this.#values[node]!;
      if (value >= 0) found(value, i + 1);
    }
  }

  /** Where the child of `node` by `unit` is, or the free place where it would be. */
  #slot(node: number, unit: number): number {
    const mask = this.#nodes.length - 1;
    let slot = (Math.imul(node, 0x9e3779b1) ^ Math.imul(unit, 0x85ebca6b)) >>> 0;
    slot = (slot ^ (slot >>> 15)) & mask;
    while (this.#nodes[slot] !== -1 && (this.#nodes[slot] !== node || this.#units[slot] !== unit)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  #put(slot: number, node: number, unit: number, child: number): void {
    this.#nodes[slot] = node;
    this.#units[slot] = unit;
    this.#children[slot] = child;
  }

  #grow(): void {
    const [nodes, units, children] = [this.#nodes, this.#units, this.#children];
    this.#nodes = new Int32Array(nodes.length * 2).fill(-1);
    this.#units = new Uint16Array(nodes.length * 2);
    this.#children = new Int32Array(nodes.length * 2);
    for (let i = 0; i < nodes.length; i++) {
      if (nodes[i]! >= 0) this.#put(this.#slot(nodes[i]!, units[i]!), nodes[i]!, units[i]!, children[i]!);
    }
  }
}
