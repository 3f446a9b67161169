import type { Candidates, Observation, Observe } from './observe.ts';

/** How a history is to be read. */
export interface ReplayOptions {
  /**
   * Whether the history holds every change. Polling misses steps, so a path of several is
   * plausible there; in a complete log the steps in between were skipped.
   *
   * @defaultValue false
   */
  readonly complete?: boolean | undefined;
}

/** The verdict on one step of a history. */
export type ReplayVerdict<Event extends string = string, State extends string = string> =
  | Observation<Event, State>
  /** A path in a log that holds every change: `skipped` are the events that were left out. */
  | ({
      readonly kind: 'skipped';
      readonly events: readonly Event[];
      readonly skipped: readonly Event[];
    } & Candidates<State>);

/** One step of a history: the change from one entry to the next. */
export type ReplayStep<
  Event extends string = string,
  State extends string = string,
> = ReplayVerdict<Event, State> & {
  /** Position of the later entry in the history, from 1. */
  readonly index: number;
  readonly from: string;
  readonly to: string;
};

/** How often each verdict was given. */
export type ReplayCounts = Readonly<Record<ReplayVerdict['kind'], number>>;

/** A judged history. */
export interface Replay<Event extends string = string, State extends string = string> {
  readonly steps: readonly ReplayStep<Event, State>[];
  readonly counts: ReplayCounts;
}

/**
 * A history that is judged while it is walked, once: nothing of it is kept but the counts so far.
 */
export interface ReplayWalk<
  Event extends string = string,
  State extends string = string,
> extends Iterable<ReplayStep<Event, State>> {
  readonly counts: ReplayCounts;
}

/** Judges each step of a ticket's history of statuses, as they are asked for. */
export function walkHistory(
  history: Iterable<string>,
  observe: Observe,
  { complete = false }: ReplayOptions = {},
): ReplayWalk {
  const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-status': 0, skipped: 0 };
  return { counts, [Symbol.iterator]: walk };

  function* walk(): Generator<ReplayStep, void, undefined> {
    let from = '';
    let index = 0;
    for (const to of history) {
      if (index > 0) {
        const verdict = verdictOn(from, to);
        counts[verdict.kind] += 1;
        yield { ...verdict, index, from, to };
      }
      from = to;
      index += 1;
    }
  }

  function verdictOn(from: string, to: string): ReplayVerdict {
    const seen = observe(from, to);
    if (!complete || seen.kind !== 'path') return seen;
    // The last event of a path is the one that led to what the log shows.
    return { ...seen, kind: 'skipped', skipped: seen.events.slice(0, -1) };
  }
}

/** Judges a whole history at once. */
export function replayHistory(
  history: Iterable<string>,
  observe: Observe,
  options?: ReplayOptions,
): Replay {
  const walk = walkHistory(history, observe, options);
  return { steps: [...walk], counts: walk.counts };
}
