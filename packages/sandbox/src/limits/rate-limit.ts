/** Whether a request may pass and, if not, how long until one may. */
export type Admission =
  | { readonly admitted: true }
  | { readonly admitted: false; readonly retryInMs: number };

/** The limit of one API key. It sees requests in the order in which they are counted. */
export interface RateLimit {
  /** Times must not run backwards. A refused request takes no place. */
  admit(now: number): Admission;
  /** Says that an admitted request has been answered, for the algorithms that want to know. */
  release?(): void;
  /** How much of it is taken, from 0 (all is free) to 1 (the next request is refused). */
  fill(now: number): number;
}
