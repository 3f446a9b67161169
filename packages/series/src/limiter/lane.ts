import type { Rank, Waiting } from './waiting.ts';

/** The requests of one ticket that wait, in order. */
export class Lane {
  readonly name: string;
  head: Waiting | undefined = undefined;
  tail: Waiting | undefined = undefined;
  /** A request of this lane is under way. */
  isBusy = false;
  /** The rank under which it stands in line for a turn. */
  standsAt: Rank | undefined = undefined;
  /** Its neighbours in that line. */
  before: Lane | undefined = undefined;
  after: Lane | undefined = undefined;
  /** How many of its requests have each of the higher ranks. */
  #highest = 0;
  #middle = 0;

  constructor(name: string) {
    this.name = name;
  }

  /** Order within the lane is strict, so its turn comes as soon as its most urgent request asks. */
  get rank(): Rank {
    if (this.#highest > 0) return 0;
    return this.#middle > 0 ? 1 : 2;
  }

  add(entry: Waiting, first: boolean): void {
    if (this.head === undefined || this.tail === undefined) {
      this.head = entry;
      this.tail = entry;
    } else if (first) {
      entry.after = this.head;
      this.head.before = entry;
      this.head = entry;
    } else {
      entry.before = this.tail;
      this.tail.after = entry;
      this.tail = entry;
    }
    entry.lane = this;
    entry.isWaiting = true;
    this.#count(entry.rank, 1);
  }

  remove(entry: Waiting): void {
    const { before, after } = entry;
    if (before === undefined) this.head = after;
    else before.after = after;
    if (after === undefined) this.tail = before;
    else after.before = before;
    entry.isWaiting = false;
    entry.before = undefined;
    entry.after = undefined;
    this.#count(entry.rank, -1);
  }

  #count(rank: Rank, change: 1 | -1): void {
    if (rank === 0) this.#highest += change;
    else if (rank === 1) this.#middle += change;
  }
}
