import type pg from 'pg';

/** A change of the load: its number, from 0 on. */
export type Item = number;

/** Puts changes into an engine. Repeating a call that failed stores nothing twice. */
export interface Producer {
  accept(items: readonly Item[]): Promise<void>;
  close(): Promise<void>;
}

/** Where one engine keeps its tables in one part of the benchmark. */
export interface Place {
  readonly schema: string;
  /** How long what has ended is kept; the engine's own default where it is missing. */
  readonly keepEndedMs?: number | undefined;
}

/**
 * Delivers one change.
 *
 * @param doubtMs - how long ago an earlier attempt may have sent it, for an engine that knows of that
 */
export type DeliverItem = (item: Item, doubtMs?: number) => Promise<'sent' | 'wait'>;

/** A queue on Postgres, wired as its documentation says. */
export interface Engine {
  readonly name: string;
  /** How the figures call it. */
  readonly figure: string;
  /** What only the statement contains by which it takes work. */
  readonly claim: string;
  /** Makes its tables, and gives a way in. */
  openProducer(pool: pg.Pool, place: Place): Promise<Producer>;
  /** Begins to work in this process. */
  work(pool: pg.Pool, place: Place, deliver: DeliverItem): Promise<void>;
}

/** The number as a UUID. */
export const idOf = (item: Item) => `00000000-0000-4000-8000-${item.toString().padStart(12, '0')}`;

export const itemOf = (id: string): Item => Number(id.slice(-12));
