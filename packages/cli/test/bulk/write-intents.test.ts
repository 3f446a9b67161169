import { ticketLifecycle } from '@ticket-lifecycle/core';
import { expect, test, vi } from 'vitest';
import { createIntents } from '../../src/bulk/write-intents.ts';
import type { Journal } from '../../src/journal/journal.ts';

const change = { ticketId: 'T-1', event: 'START', staffUserId: 7 } as const;
const sending = { ...change, from: 'open', to: 'in-progress', status: 'in-progress' } as const;

test('an intent has the time of the day, also where the machine has slept during the run', async () => {
  const append = vi.fn<Journal['append']>(async () => {});
  const intents = createIntents({ append } as unknown as Journal, ticketLifecycle, 10_000);
  const { beforeSend } = intents.of(1, change);
  const before = Date.now();
  // The clock of a process stands still meanwhile, and is an hour late from then on.
  await beforeSend?.({ ...sending, sentAt: before - 3_600_000 });
  const [entry] = append.mock.calls[0] ?? [];
  const { at, openForMs } = entry as { readonly at: number; readonly openForMs: number };
  expect(at).toBeGreaterThanOrEqual(before);
  // It leaves within ten seconds, and waits for as long for its answer.
  expect(openForMs).toBe(20_000);
});
