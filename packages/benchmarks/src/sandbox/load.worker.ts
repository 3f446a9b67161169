import { connect } from 'node:net';
import { parentPort, workerData } from 'node:worker_threads';

export interface Load {
  readonly port: number;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
  readonly tickets: number;
}

export interface LoadResult {
  readonly requestsPerSecond: number;
  readonly p99Ms: number;
}

// Bare sockets, each with one request under way: an HTTP client would cost more than the server.
const { port, connections, warmUpMs, measuredMs, tickets } = workerData as Load;
const statuses = ['open', 'in-progress', 'resolved', 'closed'];
const head = 'host: localhost\r\napikey: load\r\ncontent-type: application/json\r\n';
const messages = Array.from({ length: tickets * 2 }, (_, index) => {
  const id = `T-${index % tickets}`;
  if (index % 2 === 0) return `GET /tickets/get/${id} HTTP/1.1\r\n${head}\r\n`;
  const body = JSON.stringify({ status: statuses[index % statuses.length], staffUserId: 7 });
  return `POST /tickets/${id}/status HTTP/1.1\r\n${head}content-length: ${body.length}\r\n\r\n${body}`;
});

let sent = 0;
const from = performance.now() + warmUpMs;
const until = from + measuredMs;
const tookMs: number[] = [];
const sockets = Array.from({ length: connections }, open);

setTimeout(() => {
  for (const socket of sockets) socket.destroy();
  const sorted = tookMs.sort((a, b) => a - b);
  const result: LoadResult = {
    requestsPerSecond: (sorted.length * 1000) / measuredMs,
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Infinity,
  };
  parentPort?.postMessage(result, []);
}, until - performance.now());

function open() {
  const socket = connect(port, '127.0.0.1').setEncoding('latin1').setNoDelay();
  let answer = '';
  let sentAt = 0;
  const send = () => {
    sentAt = performance.now();
    socket.write(messages[sent % messages.length] ?? '');
    sent += 1;
  };
  socket.on('connect', send);
  socket.on('error', (error) => {
    throw error;
  });
  socket.on('data', (piece: string) => {
    answer += piece;
    const end = answer.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /content-length: (\d+)/i.exec(answer)?.[1];
    const isChunked = length === undefined;
    const isWhole = isChunked
      ? answer.endsWith('0\r\n\r\n')
      : answer.length >= end + 4 + Number(length);
    if (!isWhole) return;
    answer = '';
    const now = performance.now();
    if (now >= from && now < until) tookMs.push(now - sentAt);
    send();
  });
  return socket;
}
