/**
 * How a change ends whose answer is missing.
 *
 * 1. What the attempt has proven (request/evidence.ts): surely not sent, refused, confirmed, or in
 *    doubt. Only a doubt comes here.
 * 2. The ticket is read back (tickets/read-back.ts) and judged (tickets/judge-doubt.ts), until the
 *    moment after which the request can no longer be under way: `settleMs` after the doubt arose.
 *    How long a server may still work is a fact about the server and the network, so this bound
 *    does not follow from how long we waited for the answer.
 * 3. The verdict gives the outcome:
 *
 *    | verdict     | outcome                                                               |
 *    | ----------- | --------------------------------------------------------------------- |
 *    | `arrived`   | `confirmed` by observation                                            |
 *    | `untouched` | sent once more, or (with `resend: 'never'`, after a second loss, or a |
 *    |             | server that says no or redirects) `refused` or `not-sent`             |
 *    | `elsewhere` | `unknown`                                                             |
 *    | `undecided` | `unknown`, with the reason why the ticket could not be read           |
 *
 * 4. The ticket's next change waits until all is quiet, whatever the verdict. Else our late request
 *    could land behind it: also a server that says that it has failed may go on.
 *
 * Why nothing is written twice: a change is sent again only after `untouched`, which needs the
 * quiet moment to have passed and a proof from the ticket itself. What remains is a server
 * whose work on a request and whose lag of reads together take longer than `settleMs`;
 * `resend: 'never'` excludes that, too.
 */
import { doubtText } from '../client/error-from-evidence.ts';
import { pause } from '../clock.ts';
import { NotSentError, OutcomeUnknownError, SeriesApiError } from '../errors.ts';
import { claimShown, judgeDoubt, type DoubtVerdict } from '../tickets/judge-doubt.ts';
import { mostReads, readAgainMs } from '../tickets/fresh-read.ts';
import { changeOf } from '../tickets/change-of-others.ts';
import { readBack, readOnce, type ReadBack } from '../tickets/read-back.ts';
import { leaveOpen, recover, remember, type Sending } from './change.ts';
import type { Confirmed, Outcome, Unknown } from './outcome.ts';

// Sending again would only get the same answer: from a server that says no, or that is elsewhere.
const comesAgain: ReadonlySet<OutcomeUnknownError['reason']> = new Set([
  'contradiction',
  'redirect',
]);

/**
 * The outcome of a change whose answer was lost, or `undefined` when it surely was not processed
 * and is to be sent again.
 */
export async function endDoubt(
  sending: Sending,
  error: OutcomeUnknownError,
  mayResend: boolean,
): Promise<Outcome | undefined> {
  const { change, verdict, context } = sending;
  const { emit, ticketId } = change;
  const quietAt = Math.ceil(context.clock.now() + context.settleMs);
  emit({ type: 'in-doubt', reason: error.reason, quietAt });
  const found: ReadBack =
    context.settle === 'never'
      ? { verdict: 'undecided', seen: undefined, error: undefined, reads: 0 }
      : await readBack(ticketId, { ...sending.doubtful, quietAt }, context.settleForMs, {
          ...context,
          signal: change.signal,
          onEvent: emit,
          hasSlept: sending.hasSlept,
        });
  const { reads, seen } = found;
  const observed = seen?.status;
  const claim = observed === verdict.status ? claimShown(sending.doubtful, seen) : undefined;
  emit({ type: 'settled', settlement: found.verdict, reads, observed });
  addReads(sending, reads);
  context.holds.hold(ticketId, quietAt);

  switch (found.verdict) {
    case 'arrived': {
      await remember(sending);
      const { status } = verdict;
      return { kind: 'confirmed', ...sending.base, status, by: 'observation', message: undefined };
    }
    case 'untouched': {
      if (!mayResend || comesAgain.has(error.reason)) {
        await recover(sending);
        return notProcessed(sending, error);
      }
      const { updatedAt, seenAt, clockOffset } = seen ?? {};
      const readAt = context.clock.now();
      sending.doubtful = { ...sending.doubtful, updatedAt, readAt, clockOffset };
      sending.seenAt = seenAt;
      return undefined;
    }
    case 'elsewhere':
    case 'undecided':
      // A claim that is not shown may be ours.
      if (
        found.verdict === 'elsewhere' &&
        !(claim !== undefined && seen?.claimedBy === undefined)
      ) {
        reportMove(sending, verdict.from, observed);
      }
      await leaveOpen(sending);
      return {
        kind: 'unknown',
        ...sending.base,
        error: withFinding(error, found, claim),
        observed,
      };
  }
}

/**
 * The same error, with the reason why the ticket could not be read back, if it could not, or with whose
 * claim it shows.
 */
export function withFinding(
  error: OutcomeUnknownError,
  { seen, error: readError }: Pick<ReadBack, 'seen' | 'error'>,
  claim?: string,
): OutcomeUnknownError {
  const found =
    claim !== undefined
      ? `The ticket is ${seen?.status}, but ${claim}.`
      : seen === undefined && readError !== undefined
        ? `The ticket could not be read back: ${readError.message}`
        : undefined;
  if (found === undefined) return error;
  const { attempts, waitedMs, reason, httpStatus, serverMessage } = error;
  const { retryAfterMs, excerpt, response, cause } = error;
  const said = { httpStatus, serverMessage, retryAfterMs, excerpt, response };
  const details = { attempts, waitedMs, reason, ...said, cause, readError };
  return new OutcomeUnknownError(`${error.message} ${found}`, details);
}

/** The outcome of a change that the server has confirmed, read back if that was asked for. */
export async function endVerified(
  sending: Sending,
  message: string | undefined,
): Promise<Confirmed | Unknown> {
  const { change, verdict, context } = sending;
  const { status } = verdict;
  if (!change.verify) {
    await remember(sending, sending.doubtful.sentAt);
    return { kind: 'confirmed', ...sending.base, status, by: 'response', message };
  }

  const { first, last, seen, error: readError } = await readUntilSure(sending);
  if (last === 'arrived') {
    await remember(sending);
    // If only a later read shows the new status, someone else may have set it.
    const by = first === 'undecided' ? 'observation' : 'response';
    return { kind: 'confirmed', ...sending.base, status, by, message, verified: true };
  }
  const observed = seen?.status;
  if (last === 'elsewhere') reportMove(sending, verdict.to, observed);
  // A server may say that it is done before it is.
  context.holds.hold(change.ticketId, context.clock.now() + context.settleMs);
  await leaveOpen(sending);
  const claim = observed === status ? claimShown(sending.doubtful, seen) : undefined;
  const found =
    claim ?? (observed === undefined ? 'no read has shown that' : `it was seen as ${observed}`);
  const text = `The server says that ${change.ticketId} is ${status} now, but ${found}.`;
  const { attempts, waitedMs } = sending.base;
  const reason =
    observed === undefined ? 'unverified' : last === 'elsewhere' ? 'conflict' : 'contradiction';
  const details = { attempts, waitedMs, reason, httpStatus: 200 } as const;
  const error = withFinding(new OutcomeUnknownError(text, details), {
    seen: undefined,
    error: observed === undefined ? readError : undefined,
  });
  return { kind: 'unknown', ...sending.base, error, observed };
}

/** Reads a confirmed ticket until it shows the new status or a third one. */
async function readUntilSure(sending: Sending) {
  const { change, context, doubtful } = sending;
  const readContext = { ...context, signal: change.signal, onEvent: change.emit };
  let first: DoubtVerdict | 'unread' | undefined;
  for (let reads = 1; ; reads += 1) {
    const { seen, error } = await readOnce(change.ticketId, readContext);
    const last =
      seen === undefined ? 'unread' : judgeDoubt({ ...doubtful, quietAt: Infinity }, seen);
    first ??= last;
    const isSure = last === 'arrived' || last === 'elsewhere' || error?.delivery === 'refused';
    if (isSure || reads === mostReads || change.signal?.aborted === true) {
      addReads(sending, reads);
      return { first, last, seen, error };
    }
    await pause(context.clock, readAgainMs, change.signal);
  }
}

/** Tells of others who have moved the ticket to a third status, if they have. */
function reportMove({ change, context }: Sending, from: string, seen: string | undefined): void {
  const { lifecycle, clock, onMoved } = context;
  const { ticketId } = change;
  if (seen === undefined) return;
  const seenAt = Math.floor(clock.now());
  const known = { state: from, seenAt };
  const moved = changeOf(known, seen, lifecycle.stateFor(seen).state, lifecycle);
  if (moved === undefined || moved.previous === seen) return;
  onMoved({ ticketId, known, status: seen, ...moved, seenAt });
}

function addReads(sending: Sending, reads: number): void {
  sending.base = { ...sending.base, reads: (sending.base.reads ?? 0) + reads };
}

/** The ticket shows that nothing changed: the doubt is over. */
function notProcessed({ base, change, verdict }: Sending, error: OutcomeUnknownError): Outcome {
  const { attempts, waitedMs } = base;
  const { retryAfterMs, response } = error;
  const details = { attempts, waitedMs, retryAfterMs, response, cause: error };
  const what = `Could not set ${change.ticketId} to ${verdict.status}, and the ticket is as it was`;
  const { httpStatus, serverMessage } = error;
  if (httpStatus !== undefined && (httpStatus >= 400 || error.reason === 'contradiction')) {
    const said = serverMessage === undefined ? '' : `: ${serverMessage}`;
    const refusal = { ...details, httpStatus, code: 'server-error', serverMessage } as const;
    const text = `${what}: the server answered ${httpStatus}${said}`;
    return { kind: 'refused', ...base, error: new SeriesApiError(text, refusal) };
  }
  const text = `${what}: ${doubtText(error.reason)}.`;
  const notSent = new NotSentError(text, { ...details, reason: 'not-processed' });
  return { kind: 'not-sent', ...base, error: notSent };
}
