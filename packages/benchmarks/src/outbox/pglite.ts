import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assess, startSandboxProcess, ticketsOf } from '../../../outbox/test/support/fleet.ts';
import { isAllDone, startPgliteProcess } from '../../../outbox/test/support/pglite-process.ts';
import { changes, latency, settleMs, useOf, type RunResult } from './run.ts';

// So few that each has its turn again after less than half a second.
const tickets = ticketsOf(10);
const steps = changes / tickets.length;
// The first kill comes while there is much left to do, and the next when all tickets have moved.
const lefts = [350, 250, 150];

/** The same changes with one process on PGlite, which is killed and started again. */
export async function runPglite(): Promise<RunResult> {
  const sandbox = await startSandboxProcess({
    tickets: tickets.map((ticketId) => ({ ticketId })),
    delayMs: latency,
  });
  const directory = await mkdtemp(join(tmpdir(), 'ticket-outbox-'));
  const place = { directory: join(directory, 'outbox'), baseUrl: sandbox.url, tickets, settleMs };
  let worker = startPgliteProcess({ ...place, steps });
  const killedAt: number[] = [];
  try {
    for (const left of lefts) {
      await worker.until(({ waiting, underWay }) => waiting < left && underWay > 1);
      await worker.kill();
      killedAt.push(Date.now());
      worker = startPgliteProcess({ ...place, steps: 0 });
    }
    const { dead, unknown } = await worker.until(isAllDone);
    const writes = await sandbox.writes();
    return {
      ...useOf(await sandbox.record(), writes),
      ...assess(writes, tickets, steps),
      stuck: dead + unknown,
      spreadMs: 0,
      recoveriesMs: killedAt.map((at) =>
        Math.max(
          ...tickets.map((ticket) => {
            const next = writes.find(({ ticketId, at: t }) => ticketId === ticket && t > at);
            return (next?.at ?? at) - at;
          }),
        ),
      ),
    };
  } finally {
    await worker.kill();
    sandbox.stop();
    await rm(directory, { recursive: true, force: true });
  }
}
