import type { SeriesClient } from '@ticket-lifecycle/series';
import type { LineOutcome } from '../journal/line-outcome.ts';

/** What a report shows beside the summary, gathered while a run goes on. */
export interface ReportFigures {
  /** Changes that arrived, by where they led from and to. */
  readonly changes: readonly {
    readonly from: string;
    readonly to: string;
    readonly count: number;
  }[];
  /** How long changes waited for a slot of the budget: `[up to so many ms, how many]`. */
  readonly waits: readonly (readonly [number, number])[];
  /** Requests of each span, in order. */
  readonly requests: readonly number[];
  readonly spanMs: number;
}

const waitBounds = [10, 100, 1000, 10_000, 100_000, Infinity];
// A run may take a day: then each span is longer, and not their number greater.
const mostSpans = 240;
const firstSpanMs = 1000;

/** Watches a run by the clock of its client. */
export function gatherFigures(client: Pick<SeriesClient, 'rateLimiter' | 'keyId'>) {
  const changes = new Map<string, { from: string; to: string; count: number }>();
  const waits = waitBounds.map(() => 0);
  let requests: number[] = [];
  let spanMs = firstSpanMs;
  let counted = 0;
  let timer = setTimeout(sample, spanMs).unref();

  return {
    observe(this: void, { kind, from, to, waitedMs }: LineOutcome): void {
      if (waitedMs !== undefined) {
        const bucket = waitBounds.findIndex((bound) => waitedMs <= bound);
        waits[bucket] = (waits[bucket] ?? 0) + 1;
      }
      if (kind !== 'confirmed' || from === undefined || to === undefined) return;
      const known = changes.get(`${from} ${to}`) ?? { from, to, count: 0 };
      known.count += 1;
      changes.set(`${from} ${to}`, known);
    },
    end(): ReportFigures {
      clearTimeout(timer);
      take();
      const counts = waitBounds.map((bound, index) => [bound, waits[index] ?? 0] as const);
      return { changes: [...changes.values()], waits: counts, requests, spanMs };
    },
  };

  function sample(): void {
    take();
    timer = setTimeout(sample, spanMs).unref();
  }

  function take(): void {
    // Of what is under way it is not known yet whether it left.
    const { sent, underWay } = client.rateLimiter.describe(client.keyId);
    requests.push(sent - underWay - counted);
    counted = sent - underWay;
    if (requests.length < mostSpans) return;
    const halves = requests;
    requests = [];
    for (let index = 0; index < halves.length; index += 2) {
      requests.push((halves[index] ?? 0) + (halves[index + 1] ?? 0));
    }
    spanMs *= 2;
  }
}
