import type { Lane } from './lane.ts';

/** Lanes of one rank in the order of their turns. */
export class Line {
  head: Lane | undefined = undefined;
  #tail: Lane | undefined = undefined;
  /** Turns that went to higher ranks in a row, while somebody stood here. */
  passedOver = 0;

  join(lane: Lane): void {
    lane.before = this.#tail;
    if (this.#tail === undefined) this.head = lane;
    else this.#tail.after = lane;
    this.#tail = lane;
  }

  leave(lane: Lane): void {
    const { before, after } = lane;
    if (before === undefined) this.head = after;
    else before.after = after;
    if (after === undefined) this.#tail = before;
    else after.before = before;
    lane.before = undefined;
    lane.after = undefined;
  }
}
