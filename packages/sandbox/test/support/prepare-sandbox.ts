import { createSandbox, type SandboxOptions } from '../../src/index.ts';
import { createFakeClock } from './request.ts';

/** A sandbox with one open ticket, on a clock that stands still, whose waits end at once. */
export function prepareSandbox(options: SandboxOptions = {}) {
  const sleeps: number[] = [];
  const sandbox = createSandbox({
    tickets: [{ ticketId: 'T-1' }],
    clock: createFakeClock(),
    startedAt: new Date('2026-01-05T09:00:00.000Z'),
    sleep: async (ms) => void sleeps.push(ms),
    ...options,
  });
  return { sleeps, sandbox };
}
