import type { Lifecycle } from '@ticket-lifecycle/core';
import type { LineChange } from '../../bulk/change-line.ts';
import {
  eventsTo,
  planTarget,
  soleEventTo,
  stepTo,
  targetNames,
  targetsOfEvent,
} from '../../lifecycle/targets.ts';
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
  /** The least that it can take. */
  readonly leastRequests: number;
  /** Whether it may be read once more, if the run has taken so long that it forgets the ticket. */
  readonly isRemembered: boolean;
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
  readonly leavesTrust: Trust;
}

/**
 * How a run takes what is known of a ticket: as it is; after a line that did not arrive, by reading
 * it first; or, after a line whose end is not known beforehand, in one of these two ways.
 */
const trusts = { known: 0, doubted: 1, open: 2 } as const;
type Trust = (typeof trusts)[keyof typeof trusts];
const trustCount = 3;

/** A forecast of a ticket whose position is believed. */
type Expected = Omit<Forecast, 'leastRequests' | 'isRemembered'>;

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
 * ticket, or from where it says that the ticket stands. Every answer is found once for each state
 * and wish, and kept.
 */
export function createForecaster({ lifecycle, plan, readsAlways, context }: ForecastOptions) {
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

  return {
    forecast(this: void, change: LineChange): Forecast {
      const { ticketId, event, to, from } = change;
      const place = positions.find(ticketId);
      const standing = positions.read(place);
      const wish =
        event === undefined
          ? events.length + (targetCodes.get(to) ?? 0)
          : (eventCodes.get(event) ?? 0);
      const statedFrom = from === undefined ? 0 : (stateCodes.get(from) ?? 0);
      const key = (standing * froms + statedFrom) * wishes + wish;
      const known = change.isOfLog === true ? answersOfLogs : answers;
      const answer = (known[key] ??= answerTo(
        Math.floor(standing / trustCount),
        (standing % trustCount) as Trust,
        change,
      ));
      const left = answer.leavesAt * trustCount + answer.leavesTrust;
      if (left !== standing) positions.write(place, left);
      return answer.forecast;
    },
    /** A line of a ticket that can't be read: the next one of it is not believed without a look. */
    doubt(ticketId: string): void {
      const place = positions.find(ticketId);
      const standing = positions.read(place);
      if (standing % trustCount === trusts.known) {
        positions.write(place, standing + trusts.doubted);
      }
    },
  };

  function answerTo(at: number, trust: Trust, change: LineChange): Answer {
    const expected = forecastOf(at, change);
    const { kind, requests, blockers } = expected;
    const isReadAlready = kind === 'reads' || blockers[0]?.code === 'stale';
    // What is remembered of a ticket forbids nothing, and makes nothing unnecessary or done: it is read.
    const isStandstill = kind === 'blocked' || kind === 'unchanged';
    const isRemembered = at !== 0 && at !== doubted && change.from === undefined;
    // What a log says is compared with the ticket, before its first change.
    const isGuess = at === 0 && change.isOfLog === true;
    const mustRead = readsAlways || isGuess || trust === trusts.doubted;
    const isDone = isStandstill || beginsInside(expected);
    // So it is where only the ticket tells which event leads to the target.
    const looks =
      !plan && change.to !== undefined && soleEventTo(lifecycle, change.to) === undefined;
    const isRead = !isReadAlready && (mustRead || ((isDone || looks) && isRemembered));
    const isOpen = trust === trusts.open;
    const most = isRead ? requests + 1 : requests;
    // It may be blocked where it says that the ticket stands, which costs nothing.
    const fewest = change.from === undefined ? 1 : 0;
    const forecast = {
      ...expected,
      requests: isOpen ? Math.max(most, 1 + longestOf(change)) : most,
      leastRequests: isOpen ? fewest : kind === 'reads' ? 1 : most,
      isRemembered: isRemembered && !isRead && !isReadAlready,
    };
    const leavesAt = forecast.to === undefined ? doubted : (stateCodes.get(forecast.to) ?? doubted);
    const isSure = kind !== 'reads' && !isOpen;
    const leavesTrust = isSure ? (kind === 'blocked' ? trusts.doubted : trusts.known) : trusts.open;
    return { forecast, leavesAt, leavesTrust };
  }

  function forecastOf(code: number, change: LineChange): Expected {
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
  function unknown(change: LineChange): Expected {
    const { event, to } = change;
    const ends = event === undefined ? lifecycle.targetsOf(to) : targetsOfEvent(lifecycle, event);
    const end = ends.length === 1 ? ends[0] : undefined;
    const requests = 1 + longestOf(change);
    return { ...nothing, kind: 'reads', requests, from: undefined, to: end };
  }

  /** Whether its first step stays inside one status, so that nothing is sent for it. */
  function beginsInside({ from, events: [first] }: Expected): boolean {
    if (from === undefined || first === undefined) return false;
    const verdict = lifecycle.explain(from, first, context);
    return verdict.allowed && !verdict.changesStatus;
  }

  /** The most status changes that it takes, wherever the ticket stands. */
  function longestOf({ event, to }: LineChange): number {
    return event === undefined && plan ? Math.max(1, ...states.map(requestsTo(to))) : 1;
  }

  function requestsTo(to: string): (from: string) => number {
    return (from) => {
      const path = lifecycle.plan(from, planTarget(lifecycle, to), { context });
      return path.kind === 'plan' ? path.statusChanges : 0;
    };
  }

  function step(from: string, event: string, statedFrom: string | undefined): Expected {
    const verdict = lifecycle.explain(from, event, context);
    if (verdict.allowed) return sent(from, verdict.to, [event], verdict.changesStatus ? 1 : 0);
    // As in a run: a line without `from` has what it wants when the ticket has arrived.
    const ends = targetsOfEvent(lifecycle, event);
    const isUnknownHere = verdict.blockers.every(({ code }) => code === 'no-such-transition');
    const isThere = ends.length === 1 && ends[0] === from && isUnknownHere;
    if (statedFrom === undefined && isThere) return unchanged(from);
    return blocked(from, verdict.blockers);
  }

  function towards(from: string, to: string, statedFrom: string | undefined): Expected {
    const isThere = lifecycle.targetsOf(to).includes(from);
    if (isThere && (plan || statedFrom === undefined || statedFrom === to)) return unchanged(from);
    if (plan) {
      const path = lifecycle.plan(from, planTarget(lifecycle, to), { context });
      if (path.kind === 'plan') {
        const taken = path.steps.map((edge) => edge.event);
        return sent(from, path.to, taken, path.statusChanges);
      }
      if (path.kind === 'blocked') return blocked(from, path.blockers);
      if (path.kind === 'unreachable') return unreachable(from, to);
      const message = `Several paths lead from ${from} to ${to}.`;
      return blocked(from, [{ code: path.kind, message }]);
    }
    if (eventsTo(lifecycle, to).length === 0) return unreachable(from, to);
    const next = stepTo(lifecycle, from, to, context);
    return 'event' in next ? step(from, next.event, statedFrom) : blocked(from, [next.blocker]);
  }
}

/** The numbers from 1 on. */
function codesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...new Set(names)].map((name, index) => [name, index + 1]));
}

const nothing = { requests: 0, events: [], blockers: [] } as const;

const unchanged = (at: string): Expected => ({ ...nothing, kind: 'unchanged', from: at, to: at });

const sent = (from: string, to: string, events: readonly string[], requests: number): Expected => ({
  ...nothing,
  kind: requests > 0 ? 'sends' : 'lifecycle',
  requests,
  from,
  to,
  events,
});

const unreachable = (from: string, to: string): Expected =>
  blocked(from, [{ code: 'unreachable', message: `No path leads from ${from} to ${to}.` }]);

const blocked = (from: string, blockers: Forecast['blockers'], requests = 0): Expected => ({
  ...nothing,
  kind: 'blocked',
  requests,
  from,
  to: from,
  blockers,
});
