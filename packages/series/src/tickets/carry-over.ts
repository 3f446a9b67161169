import type { Lifecycle, Migration } from '@ticket-lifecycle/core';
import type { KnownState } from './status-store.ts';

/**
 * What was noted of a ticket under an older lifecycle, with the name that its state has now. It keeps
 * the older fingerprint: so the ticket is read, and this only decides between several states of the
 * status that it has. Where no fingerprint is kept, a state that the lifecycle does not have is of
 * the older one. Of a state that the migration does not know nothing is said.
 */
export function carriedOver(
  known: KnownState,
  lifecycle: Pick<Lifecycle, 'fingerprint' | 'isState'>,
  migration: Migration | undefined,
): KnownState {
  if (migration === undefined) return known;
  const { state } = known;
  const nameless = lifecycle.isState(state) ? lifecycle.fingerprint : migration.from;
  const { fingerprint = nameless } = known;
  if (fingerprint !== migration.from) return known;
  const renamed = (old: string) => {
    const carried = migration.migrate({ state: old, fingerprint });
    return carried.kind === 'refused' ? undefined : carried.state;
  };
  const now = renamed(state);
  const { goingTo: target } = known;
  // A state that is gone keeps its name: the change may be under way all the same.
  const goingTo = target === undefined ? {} : { goingTo: renamed(target) ?? target };
  if (now === undefined) return { ...known, ...goingTo, fingerprint, assumed: true };
  return { ...known, ...goingTo, state: now, fingerprint };
}
