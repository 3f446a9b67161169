/** A moment by two clocks: one of them may stand still while the machine sleeps, or be set. */
export interface Moment {
  readonly ticks: number;
  readonly wall: number;
}

/** A time that ends `ms` after a moment. */
export interface Deadline {
  readonly since: Moment;
  readonly ms: number;
}

export const moment = (): Moment => ({ ticks: performance.now(), wall: Date.now() });

/** Whether a time is not over, by either of the clocks. One that was set back says nothing. */
export function isBefore({ since, ms }: Deadline): boolean {
  const now = moment();
  const elapsed = now.wall - since.wall;
  return now.ticks - since.ticks < ms && elapsed < ms && elapsed >= 0;
}
