import type { Change, SendContext } from './change.ts';
import { NotSentError, type SeriesApiError, type SeriesError } from '../errors.ts';
import type { Listeners } from '../listeners.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import { checkAndLocate, type LocatedState, type ReadPolicy } from '../tickets/locate.ts';
import type { Tasks } from './tasks.ts';
import type { Turns } from './ticket-order.ts';
import type { Emit, WorkflowEvent } from './workflow-event.ts';
import { contextGiver, type ChangeOptions } from './workflow-options.ts';

/** What was asked for, as the outcome repeats it. */
export type AskedFor = Pick<OutcomeBase, 'ticketId' | 'from' | 'to' | 'event'>;

/** One change's turn on its ticket. */
export interface Turn {
  readonly base: OutcomeBase;
  readonly signal: AbortSignal;
  readonly emit: Emit;
}

/** What to do in a turn, and the result if the turn never came. */
interface TurnWork<Result> {
  readonly work: (turn: Turn) => Promise<Result>;
  readonly fail: (outcome: Outcome) => Result;
  readonly outcomeOf: (result: Result) => Outcome;
}

/** The same for work that starts from the ticket's state. */
interface LocatedWork<Result> extends Omit<TurnWork<Result>, 'work'> {
  readonly work: (change: Omit<Change, 'event'>, known: LocatedState) => Promise<Result>;
}

interface ChangeTurnsContext {
  readonly context: SendContext;
  readonly turns: Turns;
  readonly tasks: Tasks;
  readonly listeners: Listeners<WorkflowEvent>;
  readonly read: ReadPolicy;
  readonly verify: boolean;
}

/** Gives each change its turn, and emits its first and last event. */
export function createChangeTurns({
  context,
  turns,
  tasks,
  listeners,
  ...defaults
}: ChangeTurnsContext) {
  const { clock, holds } = context;
  let changes = 0;

  return { withTurn, withPosition };

  /** Waits for the turn on a ticket, finds out its state, and works from there. */
  async function withPosition<Result>(
    asked: AskedFor,
    options: ChangeOptions,
    { work, fail, outcomeOf }: LocatedWork<Result>,
  ): Promise<Result> {
    const { ticketId, event, from: statedFrom } = asked;
    const { staffUserId, via = 'status' } = options;
    const { read = defaults.read, verify = defaults.verify } = options;
    return withTurn(asked, options.signal, { work: locateAndWork, fail, outcomeOf });

    async function locateAndWork({ base, signal, emit }: Turn): Promise<Result> {
      const question = { ticketId, from: statedFrom, event, sends: true, staffUserId };
      const query = { ticketId, statedFrom, read, signal, onEvent: emit };
      const position = await checkAndLocate(question, query, context);
      switch (position.kind) {
        case 'blocked':
          return fail(blocked(base, undefined, position.blockers));
        case 'failed':
          return fail(unread(base, position.error));
        case 'known': {
          const guardContext = contextGiver(options.context);
          const change = { ticketId, staffUserId, statedFrom, guardContext, via, verify };
          return work({ ...change, signal, waitedMs: base.waitedMs, emit }, position.known);
        }
      }
    }
  }

  /** Waits for the turn on a ticket, and works in it. */
  async function withTurn<Result>(
    asked: AskedFor,
    signal: AbortSignal | undefined,
    { work, fail, outcomeOf }: TurnWork<Result>,
  ): Promise<Result> {
    const { ticketId, event, to } = asked;
    const askedAt = clock.now();
    const changeId = (changes += 1);
    const emit: Emit = (body) => listeners.emit({ ...body, ticketId, changeId, at: clock.now() });
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
          // A request in doubt may still be under way, and must not be overtaken.
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
