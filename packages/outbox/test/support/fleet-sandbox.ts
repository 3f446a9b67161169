import { startSandbox, type NewTicket, type StartSandboxOptions } from '@ticket-lifecycle/sandbox';

/** What the fleet's parent asks of this process. */
export type SandboxAsk = 'writes' | 'record' | { readonly add: readonly NewTicket[] };

/** A status that was written, as the API saw it. */
export interface Write {
  readonly ticketId: string;
  readonly status: string;
  readonly key: string | undefined;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

// A process of its own, so that it counts requests while others are busy, stopped or killed.
const options = JSON.parse(process.argv[2] ?? '{}') as StartSandboxOptions;
const { url, sandbox } = await startSandbox(options);

process.on('message', (ask: SandboxAsk) => {
  if (typeof ask === 'object') {
    for (const ticket of ask.add) sandbox.tickets.add(ticket);
  } else process.send?.(ask === 'record' ? sandbox.record() : writes());
});
process.on('disconnect', () => process.exit());
process.send?.(url);

function writes(): Write[] {
  return sandbox.requests
    .filter(({ applied }) => applied)
    .map(({ ticketId = '', body, key, countedAt }) => ({
      ticketId,
      status: (body as { status: string }).status,
      key,
      at: performance.timeOrigin + countedAt,
    }));
}
