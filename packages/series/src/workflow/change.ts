import { waitAtMost } from '@ticket-lifecycle/internal/wait-at-most';
import type { AllowedTransition } from '@ticket-lifecycle/core';
import type { Holds } from './ticket-order.ts';
import type { OutcomeBase } from './outcome.ts';
import type { LocateContext } from '../tickets/locate.ts';
import type { Expectation } from '../tickets/read-back.ts';
import type { Emit } from './workflow-event.ts';
import type { ChangeMethod, WorkflowClient } from './workflow-options.ts';

/** One change of one ticket, whose turn it is. */
export interface Change {
  readonly ticketId: string;
  readonly event: { readonly type: string };
  readonly staffUserId: number;
  /** The state that the caller stated. */
  readonly statedFrom: string | undefined;
  /** Called for each verdict: what the guards depend on may change while the change waits. */
  readonly guardContext: () => unknown;
  readonly via: ChangeMethod;
  /** Whether to read the ticket back after a success. */
  readonly verify: boolean;
  readonly signal: AbortSignal | undefined;
  readonly waitedMs: number;
  readonly emit: Emit;
}

/** What sending a change needs. */
export interface SendContext extends LocateContext {
  readonly client: WorkflowClient;
  readonly holds: Holds;
  /** Whether to read the ticket back when an answer was lost. */
  readonly settle: 'read' | 'never';
  readonly settleMs: number;
  readonly settleForMs: number;
}

/** A change that is being sent. What is known of it grows with each attempt. */
export interface Sending {
  readonly change: Change;
  readonly verdict: AllowedTransition;
  readonly context: SendContext;
  /** How a reading of the ticket tells whether the change arrived. */
  expected: Expectation;
  /** When the ticket was last seen in the state before the change. */
  seenAt: number;
  base: OutcomeBase;
}

/** Stores the ticket's new state. */
export async function remember(sending: Sending): Promise<void> {
  const { change, verdict, context } = sending;
  const known = { state: verdict.to, seenAt: context.clock.now() };
  await keepOutcome(sending, () => context.store.set(change.ticketId, known));
}

/** Deletes the stored state: it is unknown now. */
export async function forget(sending: Sending): Promise<void> {
  const { change, context } = sending;
  await keepOutcome(sending, () => context.store.delete(change.ticketId));
}

/** A store that fails or never answers must not keep the outcome from its caller. */
async function keepOutcome(
  { change, context }: Sending,
  write: () => Promise<void> | void,
): Promise<void> {
  try {
    const writing = write();
    if (writing === undefined) return;
    const { timeoutMs } = context.client;
    const late = () => {
      throw new Error(`The store did not answer within ${timeoutMs} ms.`);
    };
    await waitAtMost(timeoutMs, writing, late, context.clock);
  } catch (error) {
    change.emit({ type: 'store-failed', error });
  }
}
