import type { EventObject } from 'xstate';
import {
  guardFailed,
  noSuchTransition,
  unknownEvent,
  unknownState,
  type Blocker,
} from './blockers.ts';
import type { CompiledMachine, Edge } from './compile.ts';
import { failingConditions } from './guards.ts';
import type { TicketStatus } from './ticket-status.ts';

/** A transition that is open now. */
export interface AllowedTransition<State extends string = string, Event extends string = string> {
  readonly allowed: true;
  readonly from: State;
  readonly to: State;
  readonly event: Event;
  /** The API status that `to` stands for. */
  readonly status: TicketStatus;
  /** Whether the API has to be told: `false` between two states of the same status. */
  readonly changesStatus: boolean;
}

/** A transition that is blocked, with every reason. */
export interface BlockedTransition<State extends string = string, Event extends string = string> {
  readonly allowed: false;
  readonly from: State;
  readonly event: Event;
  /** All reasons, never only the first. */
  readonly blockers: readonly Blocker[];
  /** What would be possible now instead, as far as an event's name alone can tell. */
  readonly enabled: readonly AllowedTransition<State, Event>[];
}

/** The answer to "may I?". */
export type Verdict<State extends string = string, Event extends string = string> =
  | AllowedTransition<State, Event>
  | BlockedTransition<State, Event>;

/** Answers a lifecycle's questions from a table. */
export interface Judge {
  readonly explain: (state: string, event: string | EventObject, context: unknown) => Verdict;
  readonly enabled: (state: string, context: unknown) => readonly AllowedTransition[];
}

/** The ways that one event has out of one state. */
interface Cell {
  readonly event: string;
  readonly ways: readonly { readonly edge: Edge; readonly verdict: AllowedTransition }[];
  /** The whole answer, where there is no guard to ask. */
  readonly certain: AllowedTransition | undefined;
}

type Row = ReadonlyMap<string, Cell>;

/** Lays a machine out as a table in which most answers stand ready. */
export function createJudge(
  machine: CompiledMachine,
  events: readonly string[],
  guardMessages: Readonly<Record<string, string>>,
  initialContext: unknown,
): Judge {
  const states = [...machine.statuses.keys()];
  const table = new Map<string, Row>(states.map((state) => [state, layOut(state, machine)]));
  const alwaysEnabled = new Map<string, readonly AllowedTransition[]>();
  for (const [state, row] of table) {
    const certain = [...row.values()].flatMap((cell) => cell.certain ?? []);
    if (certain.length === row.size) alwaysEnabled.set(state, Object.freeze(certain));
  }

  return { explain, enabled };

  function explain(state: string, event: string | EventObject, context: unknown): Verdict {
    const type = typeof event === 'object' && event !== null ? event.type : event;
    const cell = table.get(state)?.get(type);
    if (cell?.certain !== undefined) return cell.certain;

    const blockers: Blocker[] = [];
    if (cell === undefined) {
      blockers.push(...missingWay(state, type));
    } else {
      const asked = typeof event === 'string' ? { type: event } : event;
      for (const { edge, verdict } of cell.ways) {
        const failing = failingConditions(edge, context ?? initialContext, asked);
        if (failing.length === 0) return verdict;
        for (const { name } of failing) {
          const message = Object.hasOwn(guardMessages, name) ? guardMessages[name] : undefined;
          blockers.push(guardFailed(name, message, edge.to));
        }
      }
    }
    return Object.freeze({
      allowed: false,
      from: state,
      event: type,
      blockers: Object.freeze(blockers),
      enabled: enabledBeside(type, state, context),
    });
  }

  function missingWay(state: string, event: string): Blocker[] {
    const row = table.get(state);
    const isKnown = events.includes(event);
    return [
      ...(row === undefined ? [unknownState(state, states)] : []),
      ...(isKnown ? [] : [unknownEvent(event, events)]),
      ...(row !== undefined && isKnown ? [noSuchTransition(state, event, [...row.keys()])] : []),
    ];
  }

  function enabled(state: string, context: unknown): readonly AllowedTransition[] {
    const ready = alwaysEnabled.get(state);
    if (ready !== undefined) return ready;
    return cellsOf(state).flatMap((cell) => openWay(cell, context) ?? []);
  }

  // An event that carries something can't be judged by its name alone, and its guard may throw for
  // want of the rest. That must not spoil the answer about another event.
  function enabledBeside(
    blocked: string,
    state: string,
    context: unknown,
  ): readonly AllowedTransition[] {
    const ready = alwaysEnabled.get(state);
    if (ready !== undefined) return ready;
    const others = cellsOf(state).filter(({ event }) => event !== blocked);
    return others.flatMap((cell) => {
      try {
        return openWay(cell, context) ?? [];
      } catch {
        return [];
      }
    });
  }

  function cellsOf(state: string): Cell[] {
    return [...(table.get(state)?.values() ?? [])];
  }

  function openWay({ event, ways }: Cell, context: unknown): AllowedTransition | undefined {
    const asked = { type: event };
    return ways.find(
      ({ edge }) => failingConditions(edge, context ?? initialContext, asked).length === 0,
    )?.verdict;
  }
}

function layOut(state: string, { edges, statuses }: CompiledMachine): Row {
  const row = new Map<string, Cell>();
  for (const edge of edges.get(state) ?? []) {
    const status = statuses.get(edge.to);
    if (status === undefined) continue;
    const verdict: AllowedTransition = Object.freeze({
      allowed: true,
      from: edge.from,
      to: edge.to,
      event: edge.event,
      status,
      changesStatus: status !== statuses.get(state),
    });
    const ways = [...(row.get(edge.event)?.ways ?? []), { edge, verdict }];
    const certain = ways.length === 1 && edge.conditions.length === 0 ? verdict : undefined;
    row.set(edge.event, { event: edge.event, ways, certain });
  }
  return row;
}
