import type { Outcome, SeriesError } from '@ticket-lifecycle/series';

/** How a line ended, or a step of it, as plain data: in the journal and on stdout. */
export interface LineOutcome {
  readonly type: 'outcome';
  readonly line: number;
  readonly kind: OutcomeKind;
  readonly ticketId?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly event?: string | undefined;
  /** Who makes the change. */
  readonly staffUserId?: number | undefined;
  readonly attempts?: number;
  readonly waitedMs?: number | undefined;
  readonly raceWindowMs?: number | undefined;
  /** Whether it was sent once more, since nothing of the lost request was seen. */
  readonly resent?: true | undefined;
  readonly status?: string;
  readonly by?: 'response' | 'observation' | 'lifecycle';
  readonly blockers?: readonly { readonly code: string; readonly message: string }[] | undefined;
  readonly enabled?: readonly string[];
  readonly error?: FlatError | undefined;
  readonly observed?: string | undefined;
  /** Why a line could not be read. */
  readonly reason?: string | undefined;
}

/** The kinds of outcomes, and `unreadable` for a line that asks for nothing certain. */
export type OutcomeKind = (typeof outcomeKinds)[number] | 'unreadable';

/** How a change can end: what arrived first, what is in doubt last. */
export const outcomeKinds = [
  'confirmed',
  'unchanged',
  'blocked',
  'refused',
  'not-sent',
  'unknown',
] as const;

/** An error, reduced to what a program decides by. */
interface FlatError {
  readonly name: string;
  readonly message: string;
  readonly code?: unknown;
  readonly reason?: unknown;
  readonly status?: unknown;
  readonly serverMessage?: unknown;
}

/** An outcome of the workflow as the outcome of a line, with who makes the change. */
export function lineOutcomeOf(line: number, outcome: Outcome, staffUserId?: number): LineOutcome {
  const { ticketId, kind, from, to, event, attempts, resent, waitedMs, raceWindowMs } = outcome;
  const base = {
    type: 'outcome',
    line,
    ticketId,
    kind,
    from,
    to,
    event,
    staffUserId,
    attempts,
    resent,
  } as const;
  const times = { waitedMs: round(waitedMs), raceWindowMs: round(raceWindowMs) };
  return { ...base, ...times, ...detailsOf(outcome) };
}

const round = (ms: number | undefined) => (ms === undefined ? undefined : Math.round(ms));

function detailsOf(outcome: Outcome): Partial<LineOutcome> {
  switch (outcome.kind) {
    case 'confirmed':
      return { status: outcome.status, by: outcome.by };
    case 'unchanged':
      return { status: outcome.status };
    case 'blocked':
      return { blockers: outcome.blockers, enabled: outcome.enabled.map(({ event }) => event) };
    case 'refused':
    case 'not-sent':
      return { error: flatten(outcome.error) };
    case 'unknown':
      return { error: flatten(outcome.error), observed: outcome.observed };
  }
}

/** Keeps of an error what a program decides by. */
export function flatten(error: SeriesError): FlatError {
  const { name, message } = error;
  // By what they carry, not by class: which of them there are depends on the error.
  const { code, reason, serverMessage } = error as Partial<FlatError>;
  const { httpStatus: status } = error as { readonly httpStatus?: number };
  return { name, code, reason, status, serverMessage, message };
}

/** Whether the line has got to where it should be. */
export const hasArrived = ({ kind }: Pick<LineOutcome, 'kind'>): boolean =>
  kind === 'confirmed' || kind === 'unchanged';

/** Whether the API refused the key or the workspace, and not this change. */
export const isKeyRefused = ({ kind, error }: LineOutcome): boolean =>
  kind === 'refused' && (error?.status === 401 || error?.status === 403);

// Payment, an address or a method that is not there, another way. What says no is a gateway, or an
// account: the API itself says of a ticket that it is missing in words of its own.
const statusesOfTheWay: readonly unknown[] = [402, 404, 405, 410, 421, 426];

/** Whether every other change would be refused alike: the refusal says nothing about this one. */
const isWayRefused = ({ kind, error }: LineOutcome): boolean =>
  kind === 'refused' &&
  statusesOfTheWay.includes(error?.status) &&
  error?.code !== 'ticket-not-found';

/** Whether the same change may get through another time: it surely was not processed. */
export const isRetryable = (outcome: LineOutcome): boolean =>
  outcome.kind === 'not-sent' ||
  isKeyRefused(outcome) ||
  isWayRefused(outcome) ||
  (outcome.kind === 'refused' && outcome.error?.code === 'server-error');
