import { checkChange } from '../../src/model/change.ts';
import type { Backend } from './backend.ts';
import type { PlannedChange, PlannedTicket } from './schedule.ts';
import type { World } from './world.ts';

/** Who is not part of the fleet: the service that accepts changes, and a person who looks after them. */
export interface Service {
  /** Whether all changes of the schedule are stored. */
  hasAccepted(): boolean;
  /** Changes that were dead or unknown when a person looked. */
  readonly parked: ReadonlyMap<string, string>;
  /** When a person last redrove or skipped one, each once. */
  actedAt(): number;
}

const againMs = 300;
const lookEveryMs = 3000;

export function startService(world: World, backend: Backend): Service {
  const { time, database, arriveAt, strike, note } = world;
  const place = world.placeOf('service');
  const person = world.placeOf('person');
  const parked = new Map<string, string>();
  const skipped = new Set<string>();
  let actedAt = 0;
  let left = world.schedule.tickets.reduce((sum, { changes }) => sum + changes.length, 0);

  /** Stores a ticket's changes in turn, each until it is known to be stored. */
  async function acceptAll({ ticketId, key, changes }: PlannedTicket): Promise<void> {
    for (const planned of changes) {
      if (planned.at > time.now) await arriveAt(place, planned.at - time.now);
      while (!(await acceptOnce(ticketId, key, planned))) await arriveAt(place, againMs);
      left -= 1;
      note('service', `accepted ${ticketId} ${planned.event} ${planned.id}`);
    }
  }

  async function acceptOnce(
    ticketId: string,
    key: string,
    { id, event, staffUserId }: PlannedChange,
  ): Promise<boolean> {
    const fault = strike(['accept-lost', 'accept-answer-lost', 'accept-rolled-back']);
    const change = checkChange({ ticketId, key, event, staffUserId });
    const isRolledBack = fault?.kind === 'accept-rolled-back';
    await arriveAt(database);
    if (fault?.kind !== 'accept-lost') {
      await backend.accept(
        [{ id, change, notBefore: undefined, priority: undefined }],
        isRolledBack,
      );
    }
    await arriveAt(place);
    return fault === undefined;
  }

  /** Tries what is dead or unknown once more, and skips what is so again. */
  async function lookAfter(): Promise<void> {
    for (;;) {
      await arriveAt(database, lookEveryMs);
      const found = await time.at(database, () => backend.inspect.dead());
      for (const { id, kind, reason } of found) {
        const isNew = !parked.has(id);
        note('person', `${isNew ? 'redrives' : 'skips'} ${id}: ${kind} ${reason}`);
        parked.set(id, `${kind}: ${reason}`);
        if (!skipped.has(id)) actedAt = time.now;
        if (!isNew) skipped.add(id);
        await time.at(database, () =>
          isNew ? backend.byHand.redrive(id) : backend.byHand.skip(id, 'Looked after.'),
        );
      }
    }
  }

  for (const ticket of world.schedule.tickets) {
    time.later(place, 0, () => void acceptAll(ticket));
  }
  time.later(person, 0, () => void lookAfter());
  return { hasAccepted: () => left === 0, parked, actedAt: () => actedAt };
}
