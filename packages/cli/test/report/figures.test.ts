import { createRateLimiter, type Lease } from '@ticket-lifecycle/series';
import { expect, test } from 'vitest';
import { gatherFigures } from '../../src/report/figures.ts';

test('a request whose slot is given back is counted once, when it has left', async () => {
  const rateLimiter = createRateLimiter();
  const figures = gatherFigures({ rateLimiter, keyId: 'key' });
  const slot = (): Promise<Lease> => rateLimiter.acquire('key', 'T-1');
  (await slot()).release({ kind: 'not-sent' });
  (await slot()).release({ kind: 'answered' });
  (await rateLimiter.acquire('key', 'T-2')).release({ kind: 'silent' });
  const { requests } = figures.end();
  rateLimiter.close();
  expect(requests.reduce((sum, number) => sum + number, 0)).toBe(2);
  expect(rateLimiter.describe('key').sent).toBe(2);
});
