import { pause } from '../clock.ts';
import { NotSentError, OutcomeUnknownError, SeriesApiError } from '../errors.ts';
import { doubtText } from '../client/error-from-evidence.ts';
import type { Confirmed, Outcome, Unknown } from './outcome.ts';
import { forget, remember, type Sending } from './change.ts';
import { readBack, readOnce, type Reading, type Settlement } from '../tickets/read-back.ts';

// A change in doubt
//
// A change is in doubt when it was sent and no usable answer came: a timeout, a lost connection, a
// 5xx, a redirect, a malformed or contradictory answer. Only the ticket itself can settle that. So
// it is read back (tickets/read-back.ts), and one of four things shows:
//
//   arrived    It has the new status (and, for a claim, the right claimant).
//   untouched  It has the old status, nobody has changed it since, and `settleMs` have passed.
//   elsewhere  It has another status, or somebody else has claimed it.
//   undecided  It could not be read until `settleForMs` were over, or the reading proves nothing:
//              its `UpdatedAt` shows that somebody has changed it since, so ours may have come and
//              gone, or a cache answered.
//
// The first reading is at once. `arrived` and `elsewhere` are final. An untouched ticket proves
// nothing while the request may still be under way, so it is read again after `settleMs`: one second
// more than the client's timeout, by default.
//
//   shown                  what follows
//   arrived                `confirmed`, by observation
//   untouched              sent once more; after that, or if the server said no, `not-sent` or
//                          `refused`
//   elsewhere, undecided   `unknown`
//
// While the request may still be under way, the ticket is held (ticket-order.ts): its next change
// waits until `settleMs` have passed since the doubt arose, so that the late one can't overtake it.
// After `arrived` only a timeout holds it: somebody else may have set the same status.
//
// Why a change is never made twice: it is sent again only if it was `untouched` after `settleMs`.
// Why none is confirmed that was not made: that needs the server's answer or the new status.
//
// `verify` asks the same after a success, up to three times, because a database may lag behind.
// `workflow.settle` (settle.ts) asks it for a change that an earlier process may have sent, and
// sends nothing. The tests are test/workflow/settle.test.ts, verify.test.ts and model.test.ts,
// which injects faults and crashes at random.

/**
 * The outcome of a change whose answer was lost, or `undefined` when it surely was not processed
 * and may be sent again.
 */
export async function endDoubt(
  sending: Sending,
  error: OutcomeUnknownError,
  mayResend: boolean,
): Promise<Outcome | undefined> {
  const { change, verdict, context } = sending;
  const { emit, ticketId } = change;
  const doubtSince = context.clock.now();
  emit({ type: 'in-doubt', reason: error.reason });
  const settlement: Settlement =
    context.settle === 'never'
      ? { kind: 'undecided', observed: undefined, reads: 0 }
      : await readBack(sending.expected, readBackContextOf(sending));
  const { kind, reads, observed } = settlement;
  emit({ type: 'settled', settlement: kind, reads, observed });
  addReads(sending, reads);

  switch (settlement.kind) {
    case 'arrived': {
      // Somebody else may have set it, while ours is still under way.
      if (error.reason === 'timeout') holdFrom(doubtSince);
      await remember(sending);
      const { status } = verdict;
      return { kind: 'confirmed', ...sending.base, status, by: 'observation', message: undefined };
    }
    case 'untouched': {
      // A server that says no would say it again.
      if (!mayResend || error.reason === 'contradiction') return notProcessed(sending, error);
      const { updatedAt, seenAt } = settlement;
      sending.expected = { ...sending.expected, updatedAt };
      sending.seenAt = seenAt;
      return undefined;
    }
    case 'elsewhere':
    case 'undecided':
      if (mayBeUnderWay(error)) holdFrom(doubtSince);
      await forget(sending);
      return { kind: 'unknown', ...sending.base, error, observed };
  }

  function holdFrom(since: number): void {
    context.holds.hold(ticketId, since + context.settleMs);
  }
}

// A proxy's answer when it gives up on a server that may go on working.
const givenUp: ReadonlySet<unknown> = new Set([408, 502, 504]);

const mayBeUnderWay = ({ status }: OutcomeUnknownError) =>
  status === undefined || givenUp.has(status);

/** The outcome of a change that the server has confirmed. Reads the ticket back for `verify`. */
export async function endVerified(
  sending: Sending,
  message: string | undefined,
): Promise<Confirmed | Unknown> {
  const { change, verdict } = sending;
  const { status } = verdict;
  if (!change.verify) {
    await remember(sending);
    return { kind: 'confirmed', ...sending.base, status, by: 'response', message };
  }

  const [first, ...later] = await readUntilSure(sending);
  const seen = later.at(-1) ?? first;
  if (seen.kind === 'arrived') {
    await remember(sending);
    // If only a later read shows the new status, someone else may have set it.
    const by = first.kind === 'untouched' ? 'observation' : 'response';
    return { kind: 'confirmed', ...sending.base, status, by, message, verified: true };
  }
  await forget(sending);
  const { observed } = seen;
  const found = observed === undefined ? 'could not be read' : `was seen as ${observed}`;
  const text = `The server confirmed that ${change.ticketId} is ${status}, but it ${found}.`;
  const { attempts, waitedMs } = sending.base;
  const reason = doubtBy[seen.kind];
  const error = new OutcomeUnknownError(text, { attempts, waitedMs, reason, status: 200 });
  return { kind: 'unknown', ...sending.base, error, observed };
}

const doubtBy = {
  untouched: 'contradiction',
  elsewhere: 'conflict',
  undecided: 'unverified',
} as const;

// A replica of the database may lag behind by a moment.
const readAgainMs = 1000;
const mostReads = 3;

async function readUntilSure(sending: Sending): Promise<[Reading, ...Reading[]]> {
  const { change, context } = sending;
  // It was touched since: by us.
  const expected = { ...sending.expected, updatedAt: undefined, sentAt: Infinity };
  const readings: [Reading, ...Reading[]] = [await readOnce(expected, readBackContextOf(sending))];
  const isSure = (reading: Reading | undefined) =>
    reading?.kind === 'arrived' || reading?.kind === 'elsewhere';
  while (
    !isSure(readings.at(-1)) &&
    readings.length < mostReads &&
    change.signal?.aborted !== true
  ) {
    await pause(context.clock, readAgainMs, change.signal);
    readings.push(await readOnce(expected, readBackContextOf(sending)));
  }
  addReads(sending, readings.length);
  return readings;
}

function readBackContextOf({ change, context }: Sending) {
  const { client, clock, settleMs, settleForMs } = context;
  return { client, clock, settleMs, settleForMs, signal: change.signal, onEvent: change.emit };
}

function addReads(sending: Sending, reads: number): void {
  sending.base = { ...sending.base, reads: (sending.base.reads ?? 0) + reads };
}

/** The outcome of a change that the ticket shows was not made. */
function notProcessed({ base, expected }: Sending, error: OutcomeUnknownError): Outcome {
  const { attempts, waitedMs } = base;
  const details = { attempts, waitedMs, cause: error };
  const what = `Could not set ${expected.ticketId} to ${expected.to}, and the ticket is as it was`;
  const { status, serverMessage } = error;
  if (status !== undefined && (status >= 400 || error.reason === 'contradiction')) {
    const said = serverMessage === undefined ? '' : `: ${serverMessage}`;
    const refusal = { ...details, status, code: 'server-error', serverMessage } as const;
    const text = `${what}: the server answered ${status}${said}`;
    return { kind: 'refused', ...base, error: new SeriesApiError(text, refusal) };
  }
  const text = `${what}: ${doubtText(error.reason)}.`;
  const notSent = new NotSentError(text, { ...details, reason: 'not-processed' });
  return { kind: 'not-sent', ...base, error: notSent };
}
