import { blocker } from './adapter-blockers.ts';
import { NotSentError, OutcomeUnknownError } from './errors.ts';
import type { SettlingTurn } from './in-turn.ts';
import { blocked, type Outcome } from './outcome.ts';
import type { SendContext } from './sending.ts';
import { settle } from './settle.ts';
import type { SettleOptions } from './workflow-options.ts';

/** Finds out, by reading alone, what became of a change that was sent before. */
export async function settleChange(
  { base, signal, tell }: SettlingTurn,
  { from, to: wanted, claimedBy }: SettleOptions,
  { lifecycle, client, clock, store, settleMs, settleForMs }: SendContext,
): Promise<Outcome> {
  const { ticketId } = base;
  const event = base.event ?? '';
  const targets = lifecycle.states.filter(
    (state) =>
      (wanted === undefined || state === wanted) &&
      lifecycle.eventsBetween(from, state).includes(event),
  );
  const [to = ''] = targets;
  const status = { from: lifecycle.statusOf(from), to: lifecycle.statusOf(to) };
  // What can't be told apart afterwards can't be settled by reading.
  if (targets.length !== 1 || status.from === undefined || status.to === undefined) {
    const text =
      targets.length > 1
        ? `${event} leads from ${from} to any of ${targets.join(', ')}. Pass to.`
        : `${event} does not lead from ${from}${wanted === undefined ? ' anywhere' : ` to ${wanted}`}.`;
    const code = targets.length > 1 ? 'ambiguous' : 'unreachable';
    return blocked(base, undefined, [blocker(code, text, { from, event, targets })]);
  }
  const here = { ...base, to };
  if (status.from === status.to) return { kind: 'unchanged', ...here, status: status.to };

  tell({ type: 'in-doubt', reason: 'sent-before' });
  const expected = {
    ticketId,
    from: status.from,
    to: status.to,
    claimedBy,
    updatedAt: undefined,
    // Nobody knows when it was sent; what somebody did before now proves nothing.
    sentAt: Infinity,
  };
  const context = { client, clock, settleMs, settleForMs, signal, onStep: tell };
  const settlement = await settle(expected, context);
  const { kind, reads, observed } = settlement;
  tell({ type: 'settled', settlement: kind, reads, observed });

  const { attempts, waitedMs } = base;
  const message = `It is not known whether ${ticketId} was set to ${status.to}`;
  switch (kind) {
    case 'arrived':
      await store.set(ticketId, { state: to, seenAt: clock.now() });
      return {
        kind: 'confirmed',
        ...here,
        reads,
        status: status.to,
        by: 'observation',
        message: undefined,
      };
    case 'untouched': {
      await store.set(ticketId, { state: from, seenAt: settlement.seenAt });
      const details = { attempts, waitedMs, reason: 'not-processed' } as const;
      const error = new NotSentError(`${ticketId} is as it was before ${event}.`, details);
      return { kind: 'not-sent', ...here, reads, error };
    }
    case 'elsewhere':
    case 'undecided': {
      await store.delete(ticketId);
      const reason = kind === 'elsewhere' ? 'conflict' : 'connection-lost';
      const error = new OutcomeUnknownError(`${message}.`, { attempts, waitedMs, reason });
      return { kind: 'unknown', ...here, reads, error, observed };
    }
  }
}
