import { pause } from '../clock.ts';
import { NotSentError, OutcomeUnknownError, SeriesApiError } from '../errors.ts';
import { doubtText } from '../client/error-from-evidence.ts';
import type { Confirmed, Outcome, Unknown } from './outcome.ts';
import { forget, remember, type Sending } from './change.ts';
import { look, settle, type Reading, type Settlement } from '../tickets/read-back.ts';

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
      : await settle(sending.expected, readBackContextOf(sending));
  const { kind, reads, observed } = settlement;
  emit({ type: 'settled', settlement: kind, reads, observed });
  addReads(sending, reads);

  switch (settlement.kind) {
    case 'arrived': {
      // Somebody else may have done the same while ours still is on its way: what comes next of
      // this ticket waits for it.
      if (error.reason === 'timeout') holdFrom(doubtSince);
      await remember(sending);
      const { status } = verdict;
      return { kind: 'confirmed', ...sending.base, status, by: 'observation', message: undefined };
    }
    case 'untouched': {
      // Sending again would only get the same answer from a server that says no.
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

// What a proxy says when it has lost patience with a server that goes on working.
const impatience: ReadonlySet<unknown> = new Set([408, 502, 504]);

const mayBeUnderWay = ({ status }: OutcomeUnknownError) =>
  status === undefined || impatience.has(status);

/** The outcome of a change that the server has confirmed, read back if that was asked for. */
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
    // Whoever sees it only at the second look may see what somebody else has done meanwhile.
    const by = first.kind === 'untouched' ? 'observation' : 'response';
    return { kind: 'confirmed', ...sending.base, status, by, message, verified: true };
  }
  await forget(sending);
  const { observed } = seen;
  const found = observed === undefined ? 'could not be read' : `was seen as ${observed}`;
  const text = `The server says that ${change.ticketId} is ${status} now, but it ${found}.`;
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

// A database that answers from a copy may be behind by a moment.
const readAgainMs = 1000;
const mostReads = 3;

async function readUntilSure(sending: Sending): Promise<[Reading, ...Reading[]]> {
  const { change, context } = sending;
  // Of course somebody has touched it since: we have.
  const expected = { ...sending.expected, updatedAt: undefined, sentAt: Infinity };
  const looks: [Reading, ...Reading[]] = [await look(expected, readBackContextOf(sending))];
  const isSure = (looked: Reading | undefined) =>
    looked?.kind === 'arrived' || looked?.kind === 'elsewhere';
  while (!isSure(looks.at(-1)) && looks.length < mostReads && change.signal?.aborted !== true) {
    await pause(context.clock, readAgainMs, change.signal);
    looks.push(await look(expected, readBackContextOf(sending)));
  }
  addReads(sending, looks.length);
  return looks;
}

function readBackContextOf({ change, context }: Sending) {
  const { client, clock, settleMs, settleForMs } = context;
  return { client, clock, settleMs, settleForMs, signal: change.signal, onEvent: change.emit };
}

function addReads(sending: Sending, reads: number): void {
  sending.base = { ...sending.base, reads: (sending.base.reads ?? 0) + reads };
}

/** The ticket shows that nothing changed: the doubt is over. */
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
