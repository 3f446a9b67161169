import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Worker } from 'node:worker_threads';
import { startSandbox } from '@ticket-lifecycle/sandbox';
import type { Benchmark } from '../benchmark.ts';
import { table } from '../table.ts';
import type { Load, LoadResult } from './load.worker.ts';

const load = { connections: 32, warmUpMs: 1000, measuredMs: 3000, tickets: 100 } as const;

export const run: Benchmark = async ({ progress }) => {
  progress('The sandbox, without a limit …');
  const sandbox = await measureSandbox();
  progress('A bare node:http server, which answers the same to everything …');
  const bare = await measureBare();
  const rows = [
    ['sandbox, limit off', sandbox],
    ['bare node:http', bare],
  ] as const;
  const lines = rows.map(([name, { requestsPerSecond, p99Ms }]) => [
    name,
    Math.round(requestsPerSecond).toLocaleString('en'),
    p99Ms.toFixed(1),
  ]);
  return {
    markdown: `One server, and ${load.connections} connections from another thread, half of the requests status changes and half reads.

${table('server | requests per second | p99, ms', lines)}
`,
    figures: {
      requestsPerSecond: Math.round(sandbox.requestsPerSecond),
      p99Ms: sandbox.p99Ms,
      bareHttpRequestsPerSecond: Math.round(bare.requestsPerSecond),
    },
  };
};

async function measureSandbox(): Promise<LoadResult> {
  const tickets = Array.from({ length: load.tickets }, (_, index) => ({ ticketId: `T-${index}` }));
  const { port, sandbox, close } = await startSandbox({ limit: 'none', tickets });
  const result = await measure(port);
  const { byStatus, statusWrites } = sandbox.record();
  await close();
  // Refusals would be quick: the figure only counts if every answer was a real one.
  if (Object.keys(byStatus).join() !== '200' || statusWrites === 0) {
    throw new Error(`Not every request was carried out: ${JSON.stringify(byStatus)}`);
  }
  return result;
}

async function measureBare(): Promise<LoadResult> {
  const body = '{"success":true,"data":{"message":"Status changed to resolved"}}';
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.end(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const result = await measure((server.address() as AddressInfo).port);
  server.close();
  server.closeAllConnections();
  return result;
}

async function measure(port: number): Promise<LoadResult> {
  const workerData: Load = { port, ...load };
  const worker = new Worker(new URL('load.worker.ts', import.meta.url), { workerData });
  const [result] = (await once(worker, 'message')) as [LoadResult];
  await worker.terminate();
  return result;
}
