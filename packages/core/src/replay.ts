import type { Observation } from './observe.ts';

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
export type ReplayVerdict<Event extends string = string> =
  | Observation<Event>
  /** A path in a log that holds every change: `skipped` are the events that were left out. */
  | {
      readonly kind: 'skipped';
      readonly events: readonly Event[];
      readonly skipped: readonly Event[];
    };

/** One step of a history: the change from one entry to the next. */
export type ReplayStep<Event extends string = string> = ReplayVerdict<Event> & {
  /** Position of the later entry in the history, from 1. */
  readonly index: number;
  readonly from: string;
  readonly to: string;
};

/** A judged history. */
export interface Replay<Event extends string = string> {
  readonly steps: readonly ReplayStep<Event>[];
  /** How often each verdict was given. */
  readonly counts: Readonly<Record<ReplayVerdict['kind'], number>>;
}

/** Judges each step of a ticket's history of statuses. */
export function replayHistory(
  statuses: Iterable<string>,
  observe: (previous: string, seen: string) => Observation,
  { complete = false }: ReplayOptions = {},
): Replay {
  const counts = { unchanged: 0, edge: 0, path: 0, jump: 0, 'unknown-status': 0, skipped: 0 };
  const steps: ReplayStep[] = [];
  let from = '';
  let index = 0;
  for (const to of statuses) {
    if (index > 0) {
      const seen = observe(from, to);
      // The last event of a path is the one that led to what the log shows.
      const verdict: ReplayVerdict =
        complete && seen.kind === 'path'
          ? { kind: 'skipped', events: seen.events, skipped: seen.events.slice(0, -1) }
          : seen;
      steps.push({ ...verdict, index, from, to });
      counts[verdict.kind] += 1;
    }
    from = to;
    index += 1;
  }
  return { steps, counts };
}
