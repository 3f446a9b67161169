import type { ServerResponse } from 'node:http';
import type { Engine } from '../engine/engine.ts';
import { keepLatest } from '../keep-latest.ts';
import type { RecordedRequest } from '../record/request-record.ts';

const everyMs = 200;
// More than these in one round nobody could read; the totals count them all the same.
const mostInOneRound = 40;
const mostTickets = 200;

/** Streams requests and states as server-sent events, until the client leaves. */
export function streamEvents(engine: Engine, response: ServerResponse): void {
  const { record, dateOf } = engine;
  const waiting = record.recorded.slice(-mostInOneRound);
  let shown = '';
  const send = () => {
    // A client that does not read must not fill our memory.
    if (response.writableNeedDrain) return;
    const state = JSON.stringify(pageStateOf(engine));
    const requests = waiting.splice(0).map((request) => eventOf(request, dateOf));
    if (requests.length > 0)
      response.write(`event: requests\ndata: ${JSON.stringify(requests)}\n\n`);
    if (state !== shown) response.write(`event: state\ndata: ${state}\n\n`);
    shown = state;
  };
  const unwatch = record.watch((request) => {
    waiting.push(request);
    keepLatest(waiting, mostInOneRound);
  });
  const timer = setInterval(send, everyMs);
  response.on('close', () => {
    clearInterval(timer);
    unwatch();
  });
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  send();
}

/** Everything that the page shows of one moment, but for the requests. */
function pageStateOf(engine: Engine) {
  const { tickets, faults, record, requestsPerSecond, limit } = engine;
  const all = tickets.list();
  return {
    requestsPerSecond,
    limit,
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

function eventOf(request: RecordedRequest, dateOf: Engine['dateOf']) {
  const { countedAt, key, method, path, status, verdict, fault, applied } = request;
  return {
    time: dateOf(countedAt).toISOString(),
    key,
    method,
    path: path.slice(0, 200),
    status,
    verdict,
    fault,
    applied,
  };
}
