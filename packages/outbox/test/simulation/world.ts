import { randomOf } from './random.ts';
import type { Fault, Schedule, StoreCall } from './schedule.ts';
import { VirtualTime, type Place } from './virtual-time.ts';

/** What all parts of one simulation share: its time, its faults, and what happened. */
export interface World {
  readonly schedule: Schedule;
  readonly time: VirtualTime;
  /** Where the store runs. */
  readonly database: Place;
  readonly trace: string[];
  readonly note: (who: string, what: string) => void;
  readonly placeOf: (name: string, more?: Partial<Place>) => Place;
  /** The first fault of this kind whose moment has come and that fits; it strikes once. */
  readonly strike: <Kind extends Fault['kind']>(
    kinds: readonly Kind[],
    fits?: (fault: FaultOf<Kind>) => boolean,
  ) => FaultOf<Kind> | undefined;
  /** Does something at the moment of each fault of this kind. */
  readonly whenever: <Kind extends Fault['kind']>(
    kind: Kind,
    work: (fault: FaultOf<Kind>) => void,
  ) => void;
  /** Resolves at a place after a while; never at one that is dead by then. */
  readonly arriveAt: (place: Place, delayMs?: number) => Promise<void>;
  readonly between: (least: number, most: number) => number;
  /** Until when a fault has lasted so far. */
  readonly faultyUntil: () => number;
  /** Whether faults are still to come. */
  readonly isFaulty: () => boolean;
}

/** The faults that can be of these kinds. */
export type FaultOf<Kind extends Fault['kind'], One extends Fault = Fault> = One extends Fault
  ? [Kind & One['kind']] extends [never]
    ? never
    : One & { readonly kind: Kind & One['kind'] }
  : never;

// What a fault finds nothing to strike by then, it does not strike.
const strikesForMs = 4000;

export function createWorld(schedule: Schedule): World {
  const { seed } = schedule;
  const random = randomOf(seed, 'way');
  const time = new VirtualTime(randomOf(seed, 'timers'));
  const trace: string[] = [];
  const open = new Set(schedule.faults);
  let lasted = 0;

  function note(who: string, what: string): void {
    // Each simulation has a day of its own.
    const text = what.replaceAll(/\d{4}-\d\d-\d\dT/g, '');
    trace.push(`${time.now.toFixed(3)} ${who}: ${text}`);
  }

  function struck(fault: Fault): void {
    open.delete(fault);
    lasted = Math.max(lasted, time.now + ('ms' in fault ? Math.max(0, fault.ms) : 0));
    const { at, ...what } = fault;
    note('fault', `${Object.values(what).join(' ')} (of ${at.toFixed(0)})`);
  }

  const between = (least: number, most: number) => least + random() * (most - least);
  const placeOf = (name: string, more: Partial<Place> = {}): Place => ({
    name,
    random: randomOf(seed, name),
    isDead: false,
    asleepUntil: 0,
    aheadMs: 0,
    ...more,
  });
  const nature = placeOf('nature');

  return {
    schedule,
    time,
    database: placeOf('database', { isDatabase: true }),
    trace,
    note,
    placeOf,
    between,
    strike(kinds, fits = () => true) {
      for (const fault of open) {
        if (fault.at > time.now) return undefined;
        if (fault.at < time.now - strikesForMs) open.delete(fault);
        else if (kinds.includes(fault.kind as never) && fits(fault as never)) {
          struck(fault);
          return fault as never;
        }
      }
      return undefined;
    },
    whenever(kind, work) {
      for (const fault of schedule.faults.filter((one) => one.kind === kind)) {
        time.later(nature, fault.at, () => {
          struck(fault);
          work(fault as never);
        });
      }
    },
    arriveAt: (place, delayMs = between(0.2, 4)) =>
      new Promise((resolve) => {
        time.later(place, delayMs, resolve);
      }),
    faultyUntil: () => lasted,
    isFaulty() {
      for (const fault of open) {
        if (fault.at >= time.now - strikesForMs) return true;
        open.delete(fault);
      }
      return time.now < lasted;
    },
  };
}

/** The way from the processes to the store and back. */
export interface StoreNetwork {
  /** Makes a call of a worker, or of somebody else, who meets fewer faults. */
  call<Answer>(
    from: Place,
    what: { readonly worker?: number | undefined; readonly call?: StoreCall | undefined },
    work: () => Promise<Answer>,
  ): Promise<Answer>;
}

export function createStoreNetwork(world: World): StoreNetwork {
  const { time, database, strike, arriveAt } = world;
  let awayUntil = 0;
  world.whenever('store-away', ({ ms }) => {
    awayUntil = Math.max(awayUntil, time.now + ms);
  });

  return {
    async call(from, { worker, call }, work) {
      const isMine = (fault: { readonly worker: number; readonly call: StoreCall }) =>
        fault.worker === worker && fault.call === call;
      const cut = async (why: string): Promise<never> => {
        await arriveAt(from);
        throw new Error(`${call ?? 'call'}: ${why}`);
      };
      const isCut = strike(['call-lost'], isMine) !== undefined;
      await arriveAt(database);
      if (isCut || time.now < awayUntil) return cut('the connection was cut.');
      let answer;
      try {
        answer = await time.at(database, () => time.hold(work()));
      } catch (error) {
        await arriveAt(from);
        throw error;
      }
      const after = strike(['answer-lost', 'answer-hangs', 'answer-late'], isMine);
      if (after?.kind === 'answer-hangs') return new Promise<never>(() => {});
      if (after?.kind === 'answer-lost' || time.now < awayUntil) return cut('the answer was lost.');
      await arriveAt(from, after?.kind === 'answer-late' ? after.ms : undefined);
      return answer;
    },
  };
}
