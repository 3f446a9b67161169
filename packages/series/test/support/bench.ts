import { ticketLifecycle, ticketStatuses } from '@ticket-lifecycle/core';
import { createSandbox, type Sandbox, type SandboxOptions } from '@ticket-lifecycle/sandbox';
import {
  createSeriesClient,
  createTicketWorkflow,
  type SeriesClientOptions,
  type WorkflowOptions,
} from '../../src/index.ts';
import { FakeClock } from './fake-clock.ts';

/** Stands between client and server, to lose an answer or to play a colleague. */
export type Interference = (
  request: Request,
  forward: () => Promise<Response>,
  sandbox: Sandbox,
  clock: FakeClock,
) => Promise<Response>;

// In the middle of a second of the server: how long an untouched ticket is read depends on it.
const startedAt = new Date('2026-03-02T09:00:00.123Z');

/** A workflow before a sandbox in memory, with one ticket in each status and time that we move. */
export function setUp<State extends string, Event extends { readonly type: string }, Context>(
  options?: Partial<WorkflowOptions<State, Event, Context>>,
  interfere?: Interference,
  sandboxOptions?: SandboxOptions,
  clientOptions?: Partial<SeriesClientOptions>,
): Bench<State, Event, Context>;
export function setUp(
  options: Partial<WorkflowOptions> = {},
  interfere: Interference = (_, forward) => forward(),
  sandboxOptions: SandboxOptions = {},
  clientOptions: Partial<SeriesClientOptions> = {},
): unknown {
  const clock = new FakeClock();
  const sandbox = createSandbox({
    tickets: ticketStatuses.map((status) => ({ ticketId: `T-${status}`, status })),
    clock,
    sleep: clock.sleep,
    startedAt,
    ...sandboxOptions,
  });
  const fetch = (input: string | URL | Request, init?: RequestInit) => {
    const request = new Request(input, init);
    return interfere(request, () => sandbox.fetch(request), sandbox, clock);
  };
  const client = createSeriesClient({ apiKey: 'key', clock, fetch, ...clientOptions });
  const workflow = createTicketWorkflow({ lifecycle: ticketLifecycle, client, clock, ...options });
  return { clock, sandbox, client, workflow };
}

interface Bench<State extends string, Event extends { readonly type: string }, Context> {
  readonly clock: FakeClock;
  readonly sandbox: Sandbox;
  readonly client: ReturnType<typeof createSeriesClient>;
  readonly workflow: ReturnType<typeof createTicketWorkflow<State, Event, Context>>;
}

/** The changes that reached the sandbox, whatever became of them. */
export const writesIn = (sandbox: Sandbox) =>
  sandbox.requests.filter((request) => request.method === 'POST');
