import { afterEach, expect, test } from 'vitest';
import { createMemoryOutbox, type DeliveryJob, type Outbox } from '../../src/index.ts';
import { change, delivering, ended, eventOf, trialOf } from '../support/trial.ts';

const outboxes: Outbox[] = [];
afterEach(async () => {
  for (const outbox of outboxes.splice(0)) await outbox.close({ drainMs: 0 });
});

async function start(options: object) {
  const trial = await trialOf(async (onEvent) =>
    createMemoryOutbox({ pace: 'burst', timeoutMs: 100, onEvent, ...options }),
  );
  outboxes.push(trial.outbox);
  return trial;
}

test('a delivery that never ends is given up, sends nothing more, and leaves a doubt', async () => {
  const { outbox, until } = await start({ deliveryTimeoutMs: 100 });
  const jobs: DeliveryJob[] = [];
  await outbox.accept(change('TICKET-1', 'ONE'));
  await outbox.accept(change('TICKET-1', 'TWO'));
  await outbox.run(async (job) => {
    jobs.push(job);
    if (jobs.length > 1) return { kind: 'done' };
    await job.ensureHeld();
    return new Promise(() => {});
  });
  await until(ended('done'), 2);
  const [first, ...others] = jobs;
  expect(others.map((job) => [eventOf(job), job.doubt !== undefined])).toEqual([
    ['ONE', true],
    ['TWO', false],
  ]);
  expect([first?.signal.aborted, first?.isHeld()]).toEqual([true, false]);
  await expect(first?.ensureHeld()).rejects.toThrow('The delivery has ended');
  const slot = first?.rateLimiter.acquire('default', 'TICKET-1');
  await expect(slot).rejects.toThrow('The delivery has ended');
});

test('a delivery that has ended sends nothing behind it', async () => {
  const { outbox, until } = await start({});
  let job: DeliveryJob | undefined;
  await outbox.accept(change('TICKET-1'));
  await outbox.run(async (made) => {
    job = made;
    return { kind: 'done' };
  });
  await until(ended('done'));
  expect(job?.isHeld()).toBe(false);
  await expect(job?.ensureHeld()).rejects.toThrow('The delivery has ended');
});

test('tenants whose API hangs do not hold up the others', async () => {
  const { outbox, until, events } = await start({ concurrency: 20 });
  const bad = ['bad-1', 'bad-2', 'bad-3'];
  // Each alone could take all places.
  for (const key of bad) {
    for (let ticket = 0; ticket < 40; ticket += 1) {
      await outbox.accept(change(`TICKET-${ticket}`, 'START', { key }));
    }
  }
  const hang = new Promise<never>(() => {});
  await outbox.run(delivering((job) => (bad.includes(job.key) ? hang : { kind: 'done' })));
  const good = Array.from({ length: 10 }, (_, at) => `good-${at}`);
  for (let step = 0; step < 5; step += 1) {
    for (const key of good) await outbox.accept(change('TICKET-1', `STEP-${step}`, { key }));
  }
  // They are all delivered while none of the others ends.
  await until(ended('done'), 50);
  expect(events.filter(ended())).toHaveLength(50);
});
