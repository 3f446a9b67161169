import type { ServerResponse } from 'node:http';
import type { Engine } from '../engine/engine.ts';
import { keepLatest } from '../keep-latest.ts';
import type { RecordedRequest } from '../record/request-record.ts';
import { pageStateOf } from './page-state.ts';

const everyMs = 200;
// More than these in one round nobody could read; the totals count them all the same.
const mostInOneRound = 40;

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
