import type { Lifecycle } from '@ticket-lifecycle/core';
import type { LineChange } from '../../bulk/change-line.ts';
import { targetNames, targetOf } from '../../lifecycle/targets.ts';
import { createTicketTable } from '../../bulk/ticket-table.ts';

/** What is to be expected of a change, as far as it can be known without looking at the ticket. */
export interface Forecast {
  /**
   * `sends`: it would be sent. `reads`: what becomes of it depends on where the ticket stands, so
   * that is read first.
   */
  readonly kind: 'sends' | 'reads' | 'unchanged' | 'blocked';
  /** Requests, the read included; the most that it can take where that depends. */
  readonly requests: number;
  readonly from: string | undefined;
  /** Where the ticket stands afterwards, or `undefined` if nobody knows. */
  readonly to: string | undefined;
  /** The events on the way. */
  readonly events: readonly string[];
  readonly blockers: readonly { readonly code: string; readonly message: string }[];
}

/** What is kept of a question that comes again and again. */
interface Answer {
  readonly forecast: Forecast;
  /** The code of the state in which the ticket is left. */
  readonly leavesAt: number;
}

/** How to judge. */
export interface OfflineOptions {
  readonly lifecycle: Lifecycle;
  readonly plan: boolean;
  readonly context: unknown;
}

/**
 * Judges the changes of a file one after another, each from where the ones before it leave the
 * ticket. Every answer is given once for each state and wish, and kept.
 */
export function createOfflineJudge({
  lifecycle,
  plan,
  context,
}: OfflineOptions): (change: LineChange) => Forecast {
  const { states, events } = lifecycle;
  // Small numbers for all that a line can say, so that an answer is found by arithmetic. 0 stands
  // for what is not said, or not known.
  const stateCodes = codesOf(states);
  const eventCodes = codesOf(events);
  const targetCodes = codesOf(targetNames(lifecycle));
  const standing = createTicketTable();
  const answers: (Answer | undefined)[] = [];
  // Where nothing is known of a ticket any more, its next line's `from` is not believed either.
  const doubted = states.length + 1;
  const claims = states.length + 1;
  const wishes = events.length + targetCodes.size + 1;

  return ({ ticketId, event, to, from }) => {
    const place = standing.find(ticketId);
    const at = standing.read(place);
    const wish =
      event === undefined
        ? events.length + (targetCodes.get(to) ?? 0)
        : (eventCodes.get(event) ?? 0);
    const claim = from === undefined ? 0 : (stateCodes.get(from) ?? 0);
    const key = (at * claims + claim) * wishes + wish;
    const answer = (answers[key] ??= answerTo(at, from, event, to));
    if (answer.leavesAt !== at) standing.write(place, answer.leavesAt);
    return answer.forecast;
  };

  function answerTo(
    at: number,
    claimed: string | undefined,
    event: string | undefined,
    to: string | undefined,
  ): Answer {
    const believed = at === doubted ? undefined : claimed;
    const forecast = judge(states[at - 1], believed, claimed, event, to);
    const leavesAt = forecast.to === undefined ? doubted : (stateCodes.get(forecast.to) ?? doubted);
    return { forecast, leavesAt };
  }

  function judge(
    known: string | undefined,
    believed: string | undefined,
    claimed: string | undefined,
    event: string | undefined,
    to: string | undefined,
  ): Forecast {
    if (known !== undefined && claimed !== undefined && known !== claimed) {
      const message = `The line says ${claimed}, and the lines before leave the ticket ${known}.`;
      return blocked(known, [{ code: 'stale', message }], known, 1);
    }
    const at = known ?? believed;
    if (at === undefined) return unknown(event, to);
    return event === undefined ? towards(at, String(to), claimed) : step(at, event, claimed);
  }

  /** Where nobody knows where the ticket stands: one read, and then at most the longest way. */
  function unknown(event: string | undefined, to: string | undefined): Forecast {
    const ends = event === undefined ? targetsOf(String(to)) : targetsOfEvent(event);
    const end = ends.length === 1 ? ends[0] : undefined;
    const most = Math.max(1, ...states.map((state) => requestsTo(state, event, to)));
    return {
      kind: 'reads',
      requests: 1 + most,
      from: undefined,
      to: end,
      events: [],
      blockers: [],
    };
  }

  function requestsTo(from: string, event: string | undefined, to: string | undefined): number {
    if (event !== undefined || !plan) return 1;
    const way = lifecycle.plan(from, targetOf(lifecycle, String(to)), { context });
    return way.kind === 'plan' ? way.statusChanges : 0;
  }

  function step(from: string, event: string, claimed: string | undefined): Forecast {
    const verdict = lifecycle.explain(from, event, context);
    if (verdict.allowed) {
      const requests = verdict.changesStatus ? 1 : 0;
      const kind = verdict.changesStatus ? 'sends' : 'unchanged';
      return { kind, requests, from, to: verdict.to, events: [event], blockers: [] };
    }
    // As in a run: who did not know that the ticket has arrived has what they want.
    const ends = targetsOfEvent(event);
    if (claimed === undefined && ends.length === 1 && ends[0] === from) return unchanged(from);
    return blocked(from, verdict.blockers, from, 0);
  }

  function towards(from: string, to: string, claimed: string | undefined): Forecast {
    const targets = targetsOf(to);
    if (targets.includes(from) && (plan || claimed === undefined || claimed === to)) {
      return unchanged(from);
    }
    if (plan) {
      const way = lifecycle.plan(from, targetOf(lifecycle, to), { context });
      if (way.kind === 'plan') {
        const steps = way.steps.map((edge) => edge.event);
        const requests = way.statusChanges;
        const kind = requests > 0 ? 'sends' : 'unchanged';
        return { kind, requests, from, to: way.to, events: steps, blockers: [] };
      }
      const blockers =
        way.kind === 'blocked'
          ? way.blockers
          : [{ code: way.kind, message: `From ${from} to ${to} the way is ${way.kind}.` }];
      return blocked(from, blockers, from, 0);
    }
    const leading = lifecycle.events.filter((event) =>
      targets.some((target) => lifecycle.eventsBetween(from, target).includes(event)),
    );
    const [only, ...others] = leading.length > 0 ? leading : eventsTowards(targets);
    if (others.length === 0 || leading.length === 0) return step(from, only ?? '', claimed);
    const message = `Several events lead from ${from} to ${to}. Name one as event.`;
    return blocked(from, [{ code: 'ambiguous', message }], from, 0);
  }

  function targetsOf(to: string): readonly string[] {
    return lifecycle.isState(to) ? [to] : lifecycle.statesWith(to);
  }

  function targetsOfEvent(event: string): string[] {
    return states.filter((to) =>
      states.some((from) => lifecycle.eventsBetween(from, to).includes(event)),
    );
  }

  function eventsTowards(targets: readonly string[]): string[] {
    return lifecycle.events.filter((event) =>
      targetsOfEvent(event).some((target) => targets.includes(target)),
    );
  }
}

/** The numbers from 1 on. */
function codesOf(names: readonly string[]): ReadonlyMap<string, number> {
  return new Map([...new Set(names)].map((name, index) => [name, index + 1]));
}

const unchanged = (at: string): Forecast => ({
  kind: 'unchanged',
  requests: 0,
  from: at,
  to: at,
  events: [],
  blockers: [],
});

function blocked(
  from: string,
  blockers: Forecast['blockers'],
  to: string | undefined,
  requests: number,
): Forecast {
  return { kind: 'blocked', requests, from, to, events: [], blockers };
}
