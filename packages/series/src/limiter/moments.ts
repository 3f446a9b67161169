/** Moments in rising order, first in, first out. */
export interface Moments {
  readonly size: number;
  first(): number | undefined;
  push(at: number): void;
  shift(): void;
}

export function createMoments(): Moments {
  let moments: number[] = [];
  let start = 0;
  return {
    get size() {
      return moments.length - start;
    },
    first: () => moments[start],
    push(at) {
      moments.push(at);
    },
    shift() {
      start += 1;
      // Array.shift would move all the others each time.
      if (start * 2 < moments.length) return;
      moments = moments.slice(start);
      start = 0;
    },
  };
}
