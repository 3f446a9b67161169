import { createSeriesClient, type SeriesError } from '../../src/index.ts';

// Prints how two changes end. The first is forbidden in the moment of its headers.

const [baseUrl = ''] = process.argv.slice(2);
const client = createSeriesClient({ apiKey: 'key', baseUrl, timeoutMs: 3000, retryForMs: 1 });
const change = { ticketId: 'T-1', status: 'open', staffUserId: 1 } as const;
const ends: string[] = [];
for (const isForbidden of [true, false]) {
  // Asked before `fetch` is called, and then as the headers are written.
  let asked = 0;
  const mayWrite = () => (asked += 1) === 1 || !isForbidden;
  const end = await client.changeStatus(change, { mayWrite }).then(
    () => 'made',
    (error: SeriesError & { reason?: string }) => `${error.delivery}: ${error.reason}`,
  );
  ends.push(end);
}
console.log(JSON.stringify(ends));
// A tunnel that never opens would keep it alive.
process.exit();
