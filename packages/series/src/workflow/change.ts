import type { AllowedTransition } from '@ticket-lifecycle/core';
import type { Holds } from './ticket-order.ts';
import type { OutcomeBase } from './outcome.ts';
import type { PositionContext } from '../tickets/position.ts';
import { clockOfServerOf } from '../request/server-clock.ts';
import { spannedStop } from '../tickets/fresh-read.ts';
import type { DoubtfulChange } from '../tickets/judge-doubt.ts';
import type { Sightings } from '../tickets/sightings.ts';
import type { NotedState, StoreFailedListener } from '../tickets/memory.ts';
import type { Override } from './override.ts';
import type { Emit } from './workflow-event.ts';
import type { BeforeSend, ChangeMethod, WorkflowClient } from './workflow-options.ts';

/** The writes of a turn so far, as the events of its requests tell. */
export interface Writes {
  /** Those that were handed to the network. */
  readonly sent: number;
  /** Those of them that surely were not processed. */
  readonly unmade: number;
}

/** One change of one ticket, whose turn it is. */
export interface Change {
  readonly ticketId: string;
  readonly event: { readonly type: string };
  readonly staffUserId: number;
  /** The state that the caller stated. */
  readonly statedFrom: string | undefined;
  /** Called for each verdict: what the guards depend on may change while the change waits. */
  readonly guardContext: () => unknown;
  /** Whose decision it is to make it though the lifecycle forbids it. */
  readonly force: Override | undefined;
  /** The state that it has to lead to: a step of a plan. */
  readonly plannedTo?: string | undefined;
  readonly via: ChangeMethod;
  /** Whether to read the ticket back after a success. */
  readonly verify: boolean;
  /** Whether it may be sent once more when it surely was not processed. */
  readonly resend: 'once' | 'never';
  readonly beforeSend: BeforeSend | undefined;
  readonly mayWrite: (() => boolean) | undefined;
  readonly signal: AbortSignal | undefined;
  readonly waitedMs: number;
  readonly emit: Emit;
  readonly writes: () => Writes;
  readonly onStoreFailed: StoreFailedListener;
}

/** What sending a change needs. */
export interface SendContext extends PositionContext {
  readonly client: WorkflowClient;
  readonly sightings: Pick<Sightings, 'keep' | 'release'>;
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
  /** What is known for the case that its answer is lost. `quietAt` is known only then. */
  doubtful: Omit<DoubtfulChange, 'quietAt'>;
  /** Whether our own clock has stood still since it was sent. */
  hasSlept: () => boolean;
  /** What was remembered before the send; it holds again if the change surely was not made. */
  readonly before: NotedState | undefined;
  /** Whether memory knows that the change may be under way. */
  isNoted: boolean;
  /** When we last looked at the ticket, if we did. */
  seenAt: number | undefined;
  base: OutcomeBase;
}

/**
 * Remembers where the ticket is now: a read says so, or an answer to what left at `askedAt`. If the
 * process was stopped meanwhile, that may be long ago.
 */
export async function remember(sending: Sending, askedAt?: number): Promise<void> {
  const { change, verdict, context } = sending;
  const { clock, client, memory } = context;
  const now = clock.now();
  const isOld = askedAt !== undefined && spannedStop(now - askedAt, client.timeoutMs);
  const seenAt = isOld ? askedAt : now;
  const confirmed = { isOurs: true, sentAt: sentByServer(sending) } as const;
  const known = { state: verdict.to, seenAt, ...(askedAt === undefined ? {} : confirmed) };
  await memory.remember(change.ticketId, known, change.onStoreFailed);
}

/** When it was sent, at the earliest, by the server's clock; `undefined` where that is not known. */
function sentByServer({ doubtful, hasSlept, context }: Sending): number | undefined {
  const offset = clockOfServerOf(context.client)?.offset();
  const { sentAt } = doubtful;
  return offset === undefined || sentAt === undefined || hasSlept()
    ? undefined
    : sentAt + offset.atLeastMs;
}

/**
 * Notes that the ticket may be changed from now on, before it is: status-store.ts explains it. A change
 * that is sent once more is noted once more, since whoever finds it counts from then.
 */
export async function noteForSend(sending: Sending): Promise<void> {
  const { change, verdict, context, before, isNoted } = sending;
  const { client, clock, memory } = context;
  sending.isNoted = true;
  // A slot waits for it, and so does the caller's hook, for `timeoutMs` in all.
  const withinMs = client.timeoutMs / 4;
  if (before?.state !== verdict.from) {
    if (!isNoted) await forget(sending, withinMs);
    return;
  }
  const { state, seenAt, enteredAt = seenAt, assumed } = before;
  const going = { state, seenAt: clock.now(), enteredAt, assumed, goingTo: verdict.to };
  await memory.remember(change.ticketId, going, change.onStoreFailed, withinMs);
}

/** Remembers again what was known before the send: the change surely was not made. */
export async function recover({ change, before, isNoted, context }: Sending): Promise<void> {
  if (!isNoted || before === undefined) return;
  await context.memory.remember(change.ticketId, before, change.onStoreFailed);
}

/** Nobody knows how the change ended: what was noted before the send stays. */
export async function leaveOpen(sending: Sending): Promise<void> {
  // A client of the user's own may not have told of the send.
  if (!sending.isNoted) await forget(sending);
}

/** Forgets where the ticket was: it is no longer known. */
export async function forget({ change, context }: Sending, withinMs?: number): Promise<void> {
  await context.memory.forget(change.ticketId, change.onStoreFailed, withinMs);
}
