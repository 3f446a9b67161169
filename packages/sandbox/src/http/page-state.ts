import type { Engine } from '../engine/engine.ts';

const mostTickets = 200;

/** Everything that the page shows of one moment, but for the requests. */
export function pageStateOf(engine: Engine) {
  const { tickets, faults, record, requestsPerSecond } = engine;
  const all = tickets.list();
  return {
    requestsPerSecond,
    limit: engine.limit,
    fills: engine.fills(),
    faults: faults.state(),
    record: record.summary(tickets, requestsPerSecond),
    ticketCount: all.length,
    tickets: all.slice(0, mostTickets).map(({ ticketId, subject, status, claimedBy }) => ({
      ticketId,
      subject,
      status,
      claimedBy,
    })),
  };
}
