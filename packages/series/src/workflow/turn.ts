import { mistakesIn } from '../tickets/blockers.ts';
import type { Change, SendContext } from './change.ts';
import { NotSentError, type SeriesApiError, type SeriesError } from '../errors.ts';
import type { Listeners } from '../listeners.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import { locate, type LocatedState, type Position, type ReadPolicy } from '../tickets/locate.ts';
import type { Tasks } from './tasks.ts';
import type { Turns } from './ticket-order.ts';
import type { Emit, WorkflowEvent } from './workflow-event.ts';
import { contextGiver, type ChangeOptions } from './workflow-options.ts';

/** What was asked for, as it stands on the outcome. */
export type AskedFor = Pick<OutcomeBase, 'ticketId' | 'from' | 'to' | 'event'>;

/** What to do when the turn has come, and how to say that it never did. */
export interface TurnWork<Result> {
  readonly work: (turn: Omit<Change, 'event'>, known: LocatedState) => Promise<Result>;
  readonly fail: (outcome: Outcome) => Result;
  readonly outcomeOf: (result: Result) => Outcome;
}

/** A settling, whose turn it is. */
export interface SettlingTurn {
  readonly base: OutcomeBase;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** Waits for a ticket's turn, finds out where the ticket stands, and works on it from there. */
export interface ChangeTurns {
  <Result>(asked: AskedFor, change: ChangeOptions, work: TurnWork<Result>): Promise<Result>;
  /** The same without finding out where the ticket stands. */
  settling(
    asked: AskedFor,
    signal: AbortSignal | undefined,
    work: (turn: SettlingTurn) => Promise<Outcome>,
  ): Promise<Outcome>;
}

interface ChangeTurnsContext {
  readonly context: SendContext;
  readonly turns: Turns;
  readonly tasks: Tasks;
  readonly listeners: Listeners<WorkflowEvent>;
  readonly read: ReadPolicy;
  readonly verify: boolean;
}

export function createChangeTurns({
  context,
  turns,
  tasks,
  listeners,
  read: readByDefault,
  verify: verifyByDefault,
}: ChangeTurnsContext): ChangeTurns {
  const { lifecycle, clock, holds } = context;
  let changes = 0;

  return Object.assign(inTurn, { settling });

  async function inTurn<Result>(
    asked: AskedFor,
    options: ChangeOptions,
    { work, fail, outcomeOf }: TurnWork<Result>,
  ): Promise<Result> {
    const { ticketId, event, from: statedFrom } = asked;
    const { staffUserId, via = 'status', verify = verifyByDefault } = options;
    return takeTurn(
      asked,
      options.signal,
      async (turn) => {
        const { base, signal, emit } = turn;
        const question = { ticketId, from: statedFrom, event, sends: true, staffUserId };
        const mistakes = mistakesIn(question, lifecycle);
        const query = { ticketId, statedFrom, read: options.read ?? readByDefault };
        const position: Position =
          mistakes.length > 0
            ? { kind: 'blocked', blockers: mistakes }
            : await locate({ ...query, signal, onEvent: emit }, context);
        switch (position.kind) {
          case 'blocked':
            return fail(blocked(base, undefined, position.blockers));
          case 'failed':
            return fail(unread(base, position.error));
          case 'known': {
            const guardContext = contextGiver(options.context);
            const { waitedMs } = base;
            const change = { ticketId, staffUserId, statedFrom, guardContext, via, verify };
            return work({ ...change, signal, waitedMs, emit }, position.known);
          }
        }
      },
      outcomeOf,
      fail,
    );
  }

  function settling(
    asked: AskedFor,
    signal: AbortSignal | undefined,
    work: (turn: SettlingTurn) => Promise<Outcome>,
  ): Promise<Outcome> {
    const self = (outcome: Outcome) => outcome;
    return takeTurn(asked, signal, work, self, self);
  }

  async function takeTurn<Result>(
    asked: AskedFor,
    signal: AbortSignal | undefined,
    work: (turn: SettlingTurn) => Promise<Result>,
    outcomeOf: (result: Result) => Outcome,
    fail: (outcome: Outcome) => Result,
  ): Promise<Result> {
    const { ticketId, event, to } = asked;
    const askedAt = clock.now();
    const changeId = (changes += 1);
    const emit: Emit = (told) => listeners.emit({ ...told, ticketId, changeId, at: clock.now() });
    const base = () => ({ ...asked, attempts: 0, waitedMs: clock.now() - askedAt });

    emit({ type: 'asked', event, to });
    let result: Result;
    try {
      result = (await waitAndWork()) ?? fail(aborted(base()));
    } catch (error) {
      emit({ type: 'broken', error });
      throw error;
    }
    const outcome = outcomeOf(result);
    if (outcome.kind === 'blocked') emit({ type: 'blocked', event, blockers: outcome.blockers });
    emit({ type: 'ended', outcome });
    return result;

    function waitAndWork(): Promise<Result | undefined> {
      return tasks.run(signal, (stop) =>
        turns.take(ticketId, stop, async () => {
          // A request that nobody heard of may still be under way, and must not be overtaken.
          await holds.wait(ticketId, stop);
          if (stop.aborted) return undefined;
          return work({ base: base(), signal: stop, emit });
        }),
      );
    }
  }

  function aborted(base: OutcomeBase): Outcome {
    const why = tasks.isStopped ? 'the workflow is closed' : 'it was aborted before its turn';
    const error = new NotSentError(`Nothing was sent: ${why}.`, { ...base, reason: 'aborted' });
    return { kind: 'not-sent', ...base, error };
  }
}

/** The ticket could not be read, so nothing was sent. */
function unread(base: OutcomeBase, error: SeriesError): Outcome {
  switch (error.delivery) {
    case 'refused':
      return { kind: 'refused', ...base, error: error as SeriesApiError };
    case 'not-sent':
      return { kind: 'not-sent', ...base, error };
    case 'unknown': {
      const { attempts, waitedMs } = base;
      const details = { attempts, waitedMs, reason: 'could-not-read', cause: error } as const;
      const notSent = new NotSentError(`Nothing was sent: ${error.message}`, details);
      return { kind: 'not-sent', ...base, error: notSent };
    }
  }
}
