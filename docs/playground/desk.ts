import type { Lifecycle } from '@ticket-lifecycle/core';
import {
  createSandbox,
  type FaultKind,
  type RecordedRequest,
  type Sandbox,
} from '@ticket-lifecycle/sandbox';
import { createSeriesClient, createTicketWorkflow, type Outcome } from '@ticket-lifecycle/series';
import type { GuardAnswers } from './definition.ts';

type PageLifecycle = Lifecycle<string, { readonly type: string }, GuardAnswers>;

export const ticketId = 'TICKET-1';

// Short, because somebody sits there and waits. The defaults are ten seconds and eleven.
const timeoutMs = 1200;
const settleMs = 1500;

/** One ticket, a sandbox of the API around it, and the real client and workflow before it. */
export interface Desk {
  readonly sandbox: Sandbox;
  /** Makes a change; its write meets the fault, if there is one. */
  apply(
    event: string,
    from: string,
    context: GuardAnswers,
    fault: FaultKind | undefined,
  ): Promise<Outcome>;
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
  const client = createSeriesClient({ apiKey: 'playground', fetch: watched, timeoutMs });
  const workflow = createTicketWorkflow({ lifecycle, client, read: 'always', settleMs });
  return {
    sandbox,
    apply(event, from, context, fault) {
      armed = fault;
      return workflow.apply(ticketId, event, { staffUserId: 7, from, context });
    },
    requests: () => [...sandbox.requests],
  };
}
