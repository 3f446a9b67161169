import { expect, test } from 'vitest';
import { setUp, writesIn } from '../support/bench.ts';

const staffUserId = 7;

test('what is noted before the send holds: a process that slept in between writes nothing', async () => {
  const { clock, workflow, sandbox } = setUp();
  const outcome = await clock.run(
    workflow.apply('T-open', 'START', {
      staffUserId,
      from: 'open',
      // The process is stopped right after its note, for longer than a request may take to leave.
      beforeSend: () => clock.stall(10_001),
    }),
  );
  expect(outcome).toMatchObject({ kind: 'not-sent', error: { reason: 'stopped' } });
  expect(writesIn(sandbox)).toHaveLength(0);
});

test('one that slept for less goes on', async () => {
  const { clock, workflow, sandbox } = setUp();
  const outcome = await clock.run(
    workflow.apply('T-open', 'START', {
      staffUserId,
      from: 'open',
      beforeSend: () => clock.stall(9_000),
    }),
  );
  expect(outcome.kind).toBe('confirmed');
  expect(writesIn(sandbox)).toHaveLength(1);
});
