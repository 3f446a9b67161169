import type { Change, SendContext, Writes } from './change.ts';
import { wholeMs } from '../clock.ts';
import { NotSentError, type SeriesApiError, type SeriesError } from '../errors.ts';
import type { Listeners } from '../listeners.ts';
import { blocked, type Outcome, type OutcomeBase } from './outcome.ts';
import {
  fromLocatedState,
  type LocatedState,
  type Position,
  type ReadPolicy,
} from '../tickets/locate.ts';
import type { StoreFailedListener } from '../tickets/memory.ts';
import type { Tasks } from './tasks.ts';
import type { Turns } from './ticket-order.ts';
import type { AskedBy, ChangeEntries } from './change-sink.ts';
import type { Emit, EventBody, WorkflowEvent } from './workflow-event.ts';
import type { AttemptWrappers } from './wrapped-client.ts';
import { contextGiver } from './check-options.ts';
import type { ApplyOptions, ResendPolicy } from './workflow-options.ts';

/** What was asked for, as the outcome repeats it. */
export type AskedFor = Pick<OutcomeBase, 'ticketId' | 'from' | 'to' | 'event' | 'forced'>;

/** One change's turn on its ticket. */
export interface Turn {
  readonly base: OutcomeBase;
  /** Whether it had to wait for an earlier change in doubt. */
  readonly wasHeld: boolean;
  readonly signal: AbortSignal;
  readonly emit: Emit;
  readonly writes: () => Writes;
  readonly onStoreFailed: StoreFailedListener;
}

/** What to do in a turn, and the result if the turn never came. */
interface TurnWork<Result> {
  readonly work: (turn: Turn) => Promise<Result>;
  readonly fail: (outcome: Outcome) => Result;
  /** The outcome that decides. */
  readonly outcomeOf: (result: Result) => Outcome;
  /** All outcomes, where there may be several. */
  readonly outcomesOf?: ((result: Result) => readonly Outcome[]) | undefined;
  readonly payloadOf?: AskedBy['payloadOf'];
  readonly by?: AskedBy['by'] | undefined;
}

/** The same for work that starts from the ticket's state. */
interface LocatedWork<Result> extends Omit<TurnWork<Result>, 'work'> {
  readonly work: (change: Omit<Change, 'event'>, known: LocatedState) => Promise<Result>;
  /** Whether nothing was done because of where the ticket stands. */
  readonly isStandstill: (result: Result) => boolean;
}

interface ChangeTurnsContext {
  readonly context: SendContext;
  readonly turns: Turns;
  readonly tasks: Tasks;
  readonly listeners: Listeners<WorkflowEvent>;
  /** Says which change the requests with a listener are about. */
  readonly describe: AttemptWrappers['describe'];
  readonly changeEntries: ChangeEntries;
  readonly read: ReadPolicy;
  readonly verify: boolean;
  readonly resend: ResendPolicy;
}

/** Gives each change its turn, and emits its first and last event. */
export function createChangeTurns({
  context,
  turns,
  tasks,
  listeners,
  describe,
  changeEntries,
  ...defaults
}: ChangeTurnsContext) {
  const { clock, holds } = context;
  let changes = 0;

  return { withTurn, withPosition };

  /** Waits for the turn on a ticket, finds out its state, and works from there. */
  async function withPosition<Result>(
    asked: AskedFor,
    options: ApplyOptions,
    { work, fail, outcomeOf, outcomesOf, payloadOf, isStandstill }: LocatedWork<Result>,
  ): Promise<Result> {
    const { ticketId, event, from: statedFrom } = asked;
    const { staffUserId, via = 'status', force, beforeSend, mayWrite } = options;
    const { read = defaults.read, verify = defaults.verify, resend = defaults.resend } = options;
    const entries = { outcomesOf, payloadOf, by: staffUserId };
    const ending = { fail, outcomeOf, ...entries };
    return withTurn(asked, options.signal, { work: locateAndWork, ...ending });

    async function locateAndWork(turn: Turn): Promise<Result> {
      const { base, wasHeld, signal, emit, writes, onStoreFailed } = turn;
      const question = { ticketId, from: statedFrom, event, sends: true, staffUserId };
      // A change in doubt may have arrived since, and others may have moved the ticket meanwhile.
      const policy = wasHeld && read !== 'never' ? 'always' : read;
      const query = { ticketId, statedFrom, read: policy, signal, onEvent: emit, onStoreFailed };
      const guardContext = contextGiver(options.context);
      const wanted = {
        ticketId,
        staffUserId,
        statedFrom,
        guardContext,
        force,
        via,
        verify,
        resend,
      };
      const seam = { beforeSend, mayWrite, writes, onStoreFailed };
      const change = { ...wanted, ...seam, signal, waitedMs: base.waitedMs, emit };
      return fromLocatedState<Result>(question, query, context, {
        work: (known) => work(change, known),
        fail: (position) => fail(notLocated(base, position)),
        isStandstill,
      });
    }
  }

  /** Waits for the turn on a ticket, and works in it. */
  async function withTurn<Result>(
    asked: AskedFor,
    signal: AbortSignal | undefined,
    { work, fail, outcomeOf, outcomesOf, payloadOf, by = 'unknown' }: TurnWork<Result>,
  ): Promise<Result> {
    const { ticketId, event, to } = asked;
    const askedAt = clock.now();
    const changeId = (changes += 1);
    const subject = () => ({ ticketId, changeId, at: Math.floor(clock.now()) });
    let writes: Writes = { sent: 0, unmade: 0 };
    const emit: Emit = (body) => {
      writes = countedIn(writes, body);
      listeners.emit({ ...body, ...subject() });
    };
    describe(emit, subject);
    const onStoreFailed = (error: unknown) => emit({ type: 'store-failed', error });
    const base = () => ({ ...asked, attempts: 0, waitedMs: wholeMs(clock.now() - askedAt) });

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
    for (const each of outcomesOf?.(result) ?? [outcome])
      changeEntries.ended(each, { by, payloadOf });
    return result;

    function waitAndWork(): Promise<Result | undefined> {
      return tasks.run(signal, (stop) =>
        turns.take(ticketId, stop, async () => {
          // A request in doubt may still be under way, and must not be overtaken.
          const wasHeld = await holds.wait(ticketId, stop);
          if (stop.aborted) return undefined;
          const told = { signal: stop, emit, writes: () => writes, onStoreFailed };
          return work({ base: base(), wasHeld, ...told });
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

/** Counts what an event of a request tells. */
function countedIn({ sent, unmade }: Writes, body: EventBody): Writes {
  const isWrite = 'method' in body && body.method === 'POST';
  if (isWrite && body.type === 'sent') return { sent: sent + 1, unmade };
  const isUnmade =
    isWrite &&
    body.type === 'answered' &&
    (body.evidence === 'limited' || body.evidence === 'not-sent');
  return isUnmade ? { sent, unmade: unmade + 1 } : { sent, unmade };
}

/** Whether nothing was done because of where the ticket stands. */
export const isStandstill = ({ kind, attempts }: Outcome): boolean =>
  attempts === 0 && (kind === 'blocked' || kind === 'unchanged');

/** What becomes of a change of a ticket of which it is not known where it stands. */
export const notLocated = (
  base: OutcomeBase,
  position: Exclude<Position, { kind: 'known' }>,
): Outcome =>
  position.kind === 'blocked'
    ? blocked(base, undefined, position.blockers)
    : unread(base, position.error);

/** The ticket could not be read, so nothing was sent. */
function unread(base: OutcomeBase, error: SeriesError): Outcome {
  switch (error.delivery) {
    case 'refused':
      return { kind: 'refused', ...base, error: error as SeriesApiError };
    case 'not-sent':
      return { kind: 'not-sent', ...base, error };
    case 'unknown': {
      const { attempts, waitedMs } = base;
      const { retryAfterMs, response, message } = error;
      const details = { attempts, waitedMs, reason: 'could-not-read', cause: error } as const;
      const text = `Nothing was sent, because the ticket could not be read. ${message}`;
      const notSent = new NotSentError(text, { ...details, retryAfterMs, response });
      return { kind: 'not-sent', ...base, error: notSent };
    }
  }
}
