import { ticketLifecycle } from '@ticket-lifecycle/core';
import { createListeners, createOutbox, type Settings } from '../../src/create-outbox.ts';
import type { Deliver, DeliveryJob, Outbox } from '../../src/index.ts';
import type { Capabilities } from '../../src/model/outbox.ts';
import type { Store } from '../../src/model/store.ts';
import { deliverToSeries } from '../../src/series/deliver-to-series.ts';
import type { Api } from './api.ts';
import type { Backend } from './backend.ts';
import { settleMs } from './schedule.ts';
import type { Place } from './virtual-time.ts';
import type { World } from './world.ts';

/** What a planted bug breaks in a process. */
export interface Breaks {
  readonly store?: ((store: Store<never>) => Store<never>) | undefined;
  readonly job?: ((job: DeliveryJob) => DeliveryJob) | undefined;
  readonly settleMs?: number | undefined;
}

/** A worker's process, the latest of its line. */
interface Process {
  readonly place: Place;
  readonly outbox: Outbox;
}

const capabilities: Capabilities = {
  transactional: false,
  scope: 'fleet',
  survives: 'process-death',
  liveness: 'session',
};

const againMs = 200;
const closesForMs = 5000;

/** Starts the processes of the fleet, and does to them what the schedule says. */
export function startFleet(
  world: World,
  {
    backend,
    api,
    settings,
    breaks,
  }: {
    readonly backend: Backend;
    readonly api: Api;
    readonly settings: Settings;
    readonly breaks: Breaks;
  },
): void {
  const { time, schedule, note, strike } = world;
  const processes = new Map<number, Process>();
  const init = world.placeOf('init');
  let begun = 0;

  function start(worker: number): void {
    begun += 1;
    const place = world.placeOf(`worker ${worker}.${begun}`);
    note(place.name, 'begins');
    time.at(place, () => {
      const opened = backend.open(place, worker);
      const store = breaks.store?.(opened) ?? opened;
      const listeners = createListeners((event) => {
        const { type } = event;
        if (type === 'ended') {
          note(
            place.name,
            `${event.kind} ${event.change.ticketId} ${event.id} ${event.reason ?? ''}`,
          );
        } else if (type === 'error') note(place.name, `error ${String(event.error)}`);
        else note(place.name, type);
      });
      const outbox = createOutbox(store, capabilities, settings, listeners);
      processes.set(worker, { place, outbox });
      void begin(outbox, delivering(place, worker));
    });
  }

  async function begin(outbox: Outbox, deliver: Deliver): Promise<void> {
    for (;;) {
      try {
        return await outbox.run(deliver);
      } catch {
        await new Promise((resolve) => setTimeout(resolve, againMs));
      }
    }
  }

  function delivering(place: Place, worker: number): Deliver {
    const deliver = deliverToSeries({
      lifecycle: ticketLifecycle,
      settleMs: breaks.settleMs ?? settleMs,
      fetch: api.fetchFrom(place),
      async apiKey(name) {
        const late = strike(['vault-late'], (fault) => fault.worker === worker);
        await new Promise((resolve) => setTimeout(resolve, late?.ms ?? 1));
        return `key-of-${name}`;
      },
    });
    return (job) => deliver(breaks.job?.(job) ?? job);
  }

  /** Ends a process now. Its connections are closed, unless its machine is gone. */
  function end(worker: number, { place }: Process, isGone: boolean): void {
    if (place.isDead) return;
    place.isDead = true;
    processes.delete(worker);
    if (!isGone) backend.hangUp(place);
  }

  for (const kind of ['killed', 'vanished'] as const) {
    world.whenever(kind, ({ worker, ms }) => {
      const process = processes.get(worker);
      if (process === undefined) return;
      end(worker, process, kind === 'vanished');
      time.later(init, ms, () => start(worker));
    });
  }
  world.whenever('closed', ({ worker, ms }) => {
    const process = processes.get(worker);
    if (process === undefined) return;
    processes.delete(worker);
    const { place, outbox } = process;
    time.at(
      place,
      () => void outbox.close({ drainMs: 500 }).then(() => note(place.name, 'closed')),
    );
    time.later(init, closesForMs, () => end(worker, process, false));
    time.later(init, ms, () => start(worker));
  });
  world.whenever('stopped', ({ worker, ms }) => {
    const process = processes.get(worker);
    if (process !== undefined) process.place.asleepUntil = time.now + ms;
  });
  world.whenever('clock-set', ({ worker, ms }) => {
    const process = processes.get(worker);
    if (process !== undefined) process.place.aheadMs += ms;
  });
  world.whenever('session-ended', ({ worker }) => backend.endSession(worker));
  for (let worker = 0; worker < schedule.workers; worker += 1) {
    time.later(init, world.between(0, 500), () => start(worker));
  }
}
