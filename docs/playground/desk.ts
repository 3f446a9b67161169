import type { TicketStatus } from '@ticket-lifecycle/core';
import {
  createSandbox,
  type FaultKind,
  type RecordedRequest,
  type RequestVerdict,
  type Sandbox,
} from '@ticket-lifecycle/sandbox';
import {
  createSeriesClient,
  createTicketWorkflow,
  type Outcome,
  type SeriesClientOptions,
} from '@ticket-lifecycle/series';
import type { GuardAnswers, PageLifecycle } from './definition.ts';

export const ticketId = 'TICKET-1';
const ourStaffUserId = 7;
const colleagueStaffUserId = 8;

// Short, because somebody sits there and waits. The defaults are ten seconds and eleven.
const timeoutMs = 1200;
const settleMs = 1500;

/** How a change is made, beside its event. */
export interface DeskChange {
  readonly from: string;
  readonly context: GuardAnswers;
  /** What its write meets. */
  readonly fault: FaultKind | undefined;
  /** Whether the ticket is read before the change, and after it. */
  readonly reads: boolean;
  readonly verify: boolean;
}

/** One ticket, a sandbox of the API around it, and the real client and workflow before it. */
export interface Desk {
  readonly sandbox: Sandbox;
  apply(event: string, change: DeskChange): Promise<Outcome>;
  /** Begins again with a client that remembers nothing: a person says where the ticket is. */
  forget(): void;
  /** A colleague sets the status, beside our workflow. */
  interfere(status: TicketStatus): void;
  /** Whether somebody else moved the ticket since it had so many system messages. */
  isMovedByOthers(since: number): boolean;
  /** Every request so far, oldest first. */
  requests(): readonly RecordedRequest[];
}

/** Opens a desk with a ticket in a state of the lifecycle. */
export function openDesk(lifecycle: PageLifecycle, at: string, changed: () => void): Desk {
  const sandbox = createSandbox({
    tickets: [{ ticketId, status: lifecycle.statusOf(at) ?? 'open' }],
    delayMs: { beforeCounting: [20, 60], beforeAnswering: [20, 60] },
  });
  let armed: FaultKind | undefined;
  sandbox.faults.when(({ method }) => {
    if (method !== 'POST' || armed === undefined) return undefined;
    const fault = armed;
    armed = undefined;
    return fault;
  });
  const watched: typeof fetch = async (input, init) => {
    const answer = sandbox.fetch(input, init);
    setTimeout(changed, 100);
    return answer.finally(changed);
  };
  const begin = (shared: Pick<SeriesClientOptions, 'rateLimiter'> = {}) => {
    const client = createSeriesClient({
      apiKey: 'playground',
      fetch: watched,
      timeoutMs,
      ...shared,
    });
    return { client, workflow: createTicketWorkflow({ lifecycle, client, settleMs }) };
  };
  let { client, workflow } = begin();
  return {
    sandbox,
    apply(event, { from, context, fault, reads, verify }) {
      armed = fault;
      const read = reads ? 'always' : 'when-unknown';
      return workflow.apply(ticketId, event, {
        staffUserId: ourStaffUserId,
        from,
        context,
        read,
        verify,
      });
    },
    forget() {
      ({ client, workflow } = begin({ rateLimiter: client.rateLimiter }));
    },
    interfere(status) {
      sandbox.tickets.setStatus(ticketId, status, { staffUserId: colleagueStaffUserId });
    },
    isMovedByOthers: (since) =>
      sandbox.systemMessages.slice(since).some(({ staffUserId }) => staffUserId !== ourStaffUserId),
    requests: () => [...sandbox.requests],
  };
}

/** Says why the ticket is not where our record has it. */
export function sayWhatDiffers(
  lifecycle: PageLifecycle,
  { at, status, isByOthers }: { at: string; status: string; isByOthers: boolean },
): string {
  if (!isByOthers)
    return `Our record is ${at}, and Series has ${status}. Nobody else moved the ticket.`;
  const drift = lifecycle.observe(lifecycle.statusOf(at) ?? '', status, { previousState: at });
  const events = 'events' in drift ? ` (${drift.events.join(', ')})` : '';
  return `Somebody else moved the ticket: ${drift.kind}${events}.`;
}

/** Says what became of a request. */
export function sayWhatItMet({ method, status, verdict, applied }: RecordedRequest): string {
  const answer = status === 0 ? 'no answer' : String(status);
  const effect = applied ? ', changed the ticket' : ', changed nothing';
  return `${answer}: ${verdictWords[verdict] ?? verdict}${method === 'POST' ? effect : ''}`;
}

const verdictWords: Readonly<Partial<Record<RequestVerdict, string>>> = {
  ok: 'accepted',
  'not-checked': 'the fault came before the checks',
};

/** Says in a sentence how a change ended. */
export function sayHowItEnded(outcome: Outcome): string {
  switch (outcome.kind) {
    case 'confirmed':
      return confirmedBy[outcome.by];
    case 'unchanged':
      return 'The ticket is there already: no change was sent, so there is no second system message.';
    case 'blocked':
      return 'No change was sent. The reasons:';
    case 'refused':
    case 'not-sent':
    case 'unknown':
      return outcome.error.message;
  }
}

const confirmedBy = {
  response: 'It arrived; the server said so.',
  observation: 'It arrived; a read of the ticket showed it.',
  lifecycle: 'Both states have the same status, so no change was sent.',
} as const;
