import type { Lifecycle, Migration } from '@ticket-lifecycle/core';
import type { DeliveryJob } from '../model/delivery.ts';

/** What a delivery needs to understand what was stored under an older lifecycle. */
export interface CarryOver {
  readonly lifecycle: Pick<Lifecycle, 'isState' | 'states'>;
  readonly migration?: Migration | undefined;
}

/**
 * Refuses a migration that gives the name of a state to another one. An outbox stores names and no
 * fingerprint, so it could not tell in which of the two a ticket is.
 */
export function checkCarryOver({ lifecycle, migration }: CarryOver): void {
  for (const state of migration === undefined ? [] : lifecycle.states) {
    const now = nameOf(state, migration);
    if (now === undefined || now === state) continue;
    throw new TypeError(
      `deliverToSeries: option "migration" makes ${now} of ${state}, and the lifecycle has a ${state} of its own. An outbox can't tell which of the two a ticket is in. Give one of them a new name.`,
    );
  }
}

/**
 * A delivery with the names that its states have now. What is stored under an older name is no reason
 * to send without a look: the ticket is read then (`isCarried`).
 */
export function carriedOver(
  job: DeliveryJob,
  { lifecycle, migration }: CarryOver,
): { readonly job: DeliveryJob; readonly isCarried: boolean } {
  if (migration === undefined) return { job, isCarried: false };
  const { from, whileIn } = job.change;
  const change = { ...job.change, from: now(from), whileIn: now(whileIn) };
  const isCarried = change.from !== from || change.whileIn !== whileIn;
  if (job.known === undefined) return { job: { ...job, change }, isCarried };
  const state = now(job.known.state);
  // With its fingerprint the workflow takes it for what it is: a hint for a read.
  const known =
    state === job.known.state ? job.known : { ...job.known, state, fingerprint: migration.from };
  return { job: { ...job, change, known }, isCarried };

  function now<Name extends string | undefined>(name: Name): Name | string {
    if (name === undefined || lifecycle.isState(name)) return name;
    return nameOf(name, migration) ?? name;
  }
}

function nameOf(state: string, migration: Migration | undefined): string | undefined {
  if (migration === undefined) return undefined;
  const carried = migration.migrate({ state, fingerprint: migration.from });
  return carried.kind === 'refused' ? undefined : carried.state;
}
