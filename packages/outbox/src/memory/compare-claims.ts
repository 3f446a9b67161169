import type { Claim, ClaimName, ClaimRequest, Life } from '../model/claim.ts';
import type { Job } from './memory-records.ts';

/** What a life holds and did not name, and what it named and does not hold. */
export function compareClaims(
  jobs: Iterable<Job>,
  { id: life }: Life,
  { held }: ClaimRequest,
): Pick<Claim, 'strays' | 'lost'> {
  const isSame = (one: ClaimName) => (other: ClaimName) =>
    one.id === other.id && one.fence === other.fence;
  const holds = [...jobs].filter(({ holder }) => holder?.life === life);
  return {
    strays: holds
      .filter((job) => !held.some(isSame(job)))
      .map(({ id, fence, holder: { number = 0, slots = [] } = {} }) => ({
        id,
        fence,
        number,
        slots,
      })),
    lost: held.filter((name) => !holds.some(isSame(name))),
  };
}
