/** A set of line numbers, a bit for each: a million lines take 125 kB. */
export interface LineSet {
  add(line: number): void;
  has(line: number): boolean;
  readonly size: number;
}

/** Starts empty. */
export function createLineSet(): LineSet {
  let bits = new Uint8Array(1024);
  let size = 0;
  const has = (line: number) => ((bits[line >> 3] ?? 0) & (1 << (line & 7))) !== 0;
  return {
    has,
    add(line) {
      if (has(line)) return;
      if (line >> 3 >= bits.length) {
        const larger = new Uint8Array(Math.max(bits.length * 2, (line >> 3) + 1));
        larger.set(bits);
        bits = larger;
      }
      bits[line >> 3] = (bits[line >> 3] ?? 0) | (1 << (line & 7));
      size += 1;
    },
    get size() {
      return size;
    },
  };
}
