import type { Lifecycle } from '@ticket-lifecycle/core';
import type { LineChange } from '../../bulk/change-line.ts';
import { eventsTo, planTarget, targetNames, targetsOfEvent } from '../../lifecycle/targets.ts';
import { createTicketTable } from '@ticket-lifecycle/internal/histories/ticket-table';

/** What is to be expected of a change, as far as it can be known without reading the ticket. */
export interface Forecast {
  /**
   * `sends`: it would be sent. `reads`: the result depends on the ticket's state, which is read
   * first. `lifecycle`: it stays inside one status, so it is confirmed without a request.
   */
  readonly kind: 'sends' | 'lifecycle' | 'reads' | 'unchanged' | 'blocked';
  /** Requests, the read included; the most that it can take where that depends. */
  readonly requests: number;
  readonly from: string | undefined;
  /** The state afterwards, or `undefined` if it is not known. */
  readonly to: string | undefined;
  /** The events on the path. */
  readonly events: readonly string[];
  readonly blockers: readonly { readonly code: string; readonly message: string }[];
}

/** What is kept of a question that comes again and again. */
interface Answer {
  readonly forecast: Forecast;
  /** The code of the state in which the ticket is left. */
  readonly leavesAt: number;
}

/** How to forecast. */
export interface ForecastOptions {
  readonly lifecycle: Lifecycle;
  readonly plan: boolean;
  /** Whether the ticket is read before each change. */
  readonly readsAlways: boolean;
  readonly context: unknown;
}

/**
 * Forecasts the changes of a file one after another, each from where the ones before it leave the
 * ticket. Every answer is found once for each state and wish, and kept.
 */
export function createForecaster({
  lifecycle,
  plan,
  readsAlways,
  context,
}: ForecastOptions): (change: LineChange) => Forecast {
  const { states, events } = lifecycle;
  // Small numbers for all that a line can say, so that an answer is found by arithmetic. 0 stands
  // for what is not said, or not known.
  const stateCodes = codesOf(states);
  const eventCodes = codesOf(events);
  const targetCodes = codesOf(targetNames(lifecycle));
  const positions = createTicketTable();
  const answers: (Answer | undefined)[] = [];
  const answersOfLogs: (Answer | undefined)[] = [];
  // Where nothing is known of a ticket any more, its next line's `from` is not believed either.
  const doubted = states.length + 1;
  const froms = states.length + 1;
  const wishes = events.length + targetCodes.size + 1;

  return (change) => {
    const { ticketId, event, to, from } = change;
    const place = positions.find(ticketId);
    const at = positions.read(place);
    const wish =
      event === undefined
        ? events.length + (targetCodes.get(to) ?? 0)
        : (eventCodes.get(event) ?? 0);
    const statedFrom = from === undefined ? 0 : (stateCodes.get(from) ?? 0);
    const key = (at * froms + statedFrom) * wishes + wish;
    const known = change.isOfLog === true ? answersOfLogs : answers;
    const answer = (known[key] ??= answerTo(at, change));
    if (answer.leavesAt !== at) positions.write(place, answer.leavesAt);
    return answer.forecast;
  };

  function answerTo(at: number, change: LineChange): Answer {
    const expected = forecastOf(at, change);
    const { kind, requests, blockers } = expected;
    const isReadAlready = kind === 'reads' || blockers[0]?.code === 'stale';
    // What is remembered of a ticket forbids nothing, and makes nothing unnecessary: it is read.
    const isStandstill = kind === 'blocked' || kind === 'unchanged';
    const isRemembered = at !== 0 && at !== doubted && change.from === undefined;
    // What a log says is compared with the ticket, before its first change.
    const isGuess = at === 0 && change.isOfLog === true;
    const mustRead = readsAlways || isGuess || (isStandstill && isRemembered);
    const isRead = !isReadAlready && mustRead;
    const forecast = isRead ? { ...expected, requests: requests + 1 } : expected;
    const leavesAt = forecast.to === undefined ? doubted : (stateCodes.get(forecast.to) ?? doubted);
    return { forecast, leavesAt };
  }

  function forecastOf(code: number, change: LineChange): Forecast {
    const { from: statedFrom } = change;
    const known = states[code - 1];
    if (known !== undefined && statedFrom !== undefined && known !== statedFrom) {
      const message = `The line says ${statedFrom}, and the lines before leave the ticket ${known}.`;
      return blocked(known, [{ code: 'stale', message }], 1);
    }
    const at = known ?? (code === doubted ? undefined : statedFrom);
    if (at === undefined) return unknown(change);
    return change.event === undefined
      ? towards(at, change.to, statedFrom)
      : step(at, change.event, statedFrom);
  }

  /** The position is not known: one read, and then at most the longest path. */
  function unknown({ event, to }: LineChange): Forecast {
    const ends = event === undefined ? lifecycle.targetsOf(to) : targetsOfEvent(lifecycle, event);
    const end = ends.length === 1 ? ends[0] : undefined;
    const most = event === undefined && plan ? Math.max(1, ...states.map(requestsTo(to))) : 1;
    return { ...nothing, kind: 'reads', requests: 1 + most, from: undefined, to: end };
  }

  function requestsTo(to: string): (from: string) => number {
    return (from) => {
      const path = lifecycle.plan(from, planTarget(lifecycle, to), { context });
      return path.kind === 'plan' ? path.statusChanges : 0;
    };
  }

  function step(from: string, event: string, statedFrom: string | undefined): Forecast {
    const verdict = lifecycle.explain(from, event, context);
    if (verdict.allowed) return sent(from, verdict.to, [event], verdict.changesStatus ? 1 : 0);
    // As in a run: a line without `from` has what it wants when the ticket has arrived.
    const ends = targetsOfEvent(lifecycle, event);
    if (statedFrom === undefined && ends.length === 1 && ends[0] === from) return unchanged(from);
    return blocked(from, verdict.blockers);
  }

  function towards(from: string, to: string, statedFrom: string | undefined): Forecast {
    const isThere = lifecycle.targetsOf(to).includes(from);
    if (isThere && (plan || statedFrom === undefined || statedFrom === to)) return unchanged(from);
    if (plan) {
      const path = lifecycle.plan(from, planTarget(lifecycle, to), { context });
      if (path.kind === 'plan') {
        const taken = path.steps.map((edge) => edge.event);
        return sent(from, path.to, taken, path.statusChanges);
      }
      return blocked(
        from,
        path.kind === 'blocked'
          ? path.blockers
          : [{ code: path.kind, message: `The path from ${from} to ${to} is ${path.kind}.` }],
      );
    }
    const [only, ...others] = eventsTo(lifecycle, to, from);
    if (only === undefined) return step(from, eventsTo(lifecycle, to)[0] ?? '', statedFrom);
    if (others.length === 0) return step(from, only, statedFrom);
    const message = `Several events lead from ${from} to ${to}. Name one as event.`;
    return blocked(from, [{ code: 'ambiguous', message }]);
  }
}

/** The numbers from 1 on. */
function codesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...new Set(names)].map((name, index) => [name, index + 1]));
}

const nothing = { requests: 0, events: [], blockers: [] } as const;

const unchanged = (at: string): Forecast => ({ ...nothing, kind: 'unchanged', from: at, to: at });

const sent = (from: string, to: string, events: readonly string[], requests: number): Forecast => ({
  ...nothing,
  kind: requests > 0 ? 'sends' : 'lifecycle',
  requests,
  from,
  to,
  events,
});

const blocked = (from: string, blockers: Forecast['blockers'], requests = 0): Forecast => ({
  ...nothing,
  kind: 'blocked',
  requests,
  from,
  to: from,
  blockers,
});
