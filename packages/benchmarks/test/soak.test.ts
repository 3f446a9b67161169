import { expect, test } from 'vitest';
import { soakInFakeTime } from '../src/soak/fake.ts';

test('two hours of changes take no more memory than ten minutes, and leave no timer', async () => {
  const soaked = await soakInFakeTime({ hours: 2, everyMs: 3000 });
  expect(soaked.changes).toBe(2400);
  expect(soaked.outcomes.get('broken')).toBeUndefined();
  const ended = [...soaked.outcomes.values()].reduce((sum, one) => sum + one, 0);
  expect(ended).toBe(soaked.changes);
  expect(soaked.timersLeft).toBe(0);
  // A leak of two hundred bytes a change would show as half a megabyte.
  expect(soaked.growthMb).toBeLessThan(0.5);
});
