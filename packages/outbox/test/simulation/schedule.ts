import type { FaultKind } from '@ticket-lifecycle/sandbox';
import { randomOf } from './random.ts';

/*
 * What a seed stands for, drawn before anything happens: the changes, and every fault with its
 * moment. So a schedule that fails can lose faults and tickets, one after another, and each of those
 * that are left still happens at its moment.
 */

/** The calls of a worker to its store, by which faults choose what they strike. */
export const storeCalls = ['enter', 'claim', 'end', 'renew', 'takeSlots', 'sweep'] as const;
export type StoreCall = (typeof storeCalls)[number];

/** A call that a fault strikes: the first one of this worker, of this kind, from its moment on. */
interface Struck {
  readonly worker: number;
  readonly call: StoreCall;
}

/** A fault, without its moment. */
export type FaultWhat =
  /** The call never reaches the store; its answer is lost; nobody hears of either. */
  | ({ readonly kind: 'call-lost' | 'answer-lost' | 'answer-hangs' } & Struck)
  | ({ readonly kind: 'answer-late'; readonly ms: number } & Struck)
  /** The store answers, and has forgotten it: a failover to a copy that was behind. */
  | { readonly kind: 'end-forgotten'; readonly worker: number }
  | { readonly kind: 'store-away'; readonly ms: number }
  /** The worker's session with the database breaks, and nothing else. */
  | { readonly kind: 'session-ended'; readonly worker: number }
  /** Its process ends and another one begins. The machine of one that vanished closes no connection. */
  | {
      readonly kind: 'killed' | 'vanished' | 'closed';
      readonly worker: number;
      readonly ms: number;
    }
  /** Its process stands still. */
  | { readonly kind: 'stopped'; readonly worker: number; readonly ms: number }
  /** Its wall clock is set. */
  | { readonly kind: 'clock-set'; readonly worker: number; readonly ms: number }
  /** Its vault takes long to give the API key. */
  | { readonly kind: 'vault-late'; readonly worker: number; readonly ms: number }
  /** What the sandbox can do to a request: answers of every kind, or none. */
  | { readonly kind: 'api'; readonly fault: FaultKind; readonly method: 'GET' | 'POST' }
  /** The request is lost on its way, or its answer is, or it is under way for longer than its client waits. */
  | { readonly kind: 'request-lost' | 'response-lost'; readonly method: 'GET' | 'POST' }
  | { readonly kind: 'request-late'; readonly ms: number; readonly method: 'GET' | 'POST' }
  | { readonly kind: 'api-away'; readonly ms: number }
  /** A colleague moves a ticket. */
  | { readonly kind: 'colleague'; readonly ticket: number; readonly status: Status }
  /** The service's own transaction: it never begins, its answer is lost, or it is rolled back. */
  | { readonly kind: 'accept-lost' | 'accept-answer-lost' | 'accept-rolled-back' };

type Status = 'open' | 'in-progress' | 'resolved' | 'closed';

export type Fault = FaultWhat & { readonly at: number };

/** A change of the schedule. Its staff member is nobody else's, so that the server shows who wrote. */
export interface PlannedChange {
  readonly id: string;
  readonly event: string;
  readonly staffUserId: number;
  /** When it is accepted, at the earliest. */
  readonly at: number;
}

export interface PlannedTicket {
  readonly ticketId: string;
  readonly key: string;
  readonly changes: readonly PlannedChange[];
}

export interface Schedule {
  readonly seed: number;
  readonly workers: number;
  readonly pace: 'even' | 'burst';
  readonly tickets: readonly PlannedTicket[];
  /** In the order of their moments. */
  readonly faults: readonly Fault[];
}

/** How long a client waits for an answer. */
export const timeoutMs = 1000;
/** How long a change in doubt is left alone: longer than any request is under way. */
export const settleMs = 4000;

const faultyMs = 15_000;
const steps = ['START', 'RESOLVE', 'CLOSE', 'REOPEN', 'START', 'RESOLVE', 'REOPEN', 'START'];
const statuses = ['open', 'in-progress', 'resolved', 'closed'] as const;

// Those after which the API's own record says what is true, and its answers do not lie.
const apiFaults: readonly FaultKind[] = [
  'connection-refused',
  'reset-before-reading',
  'reset-after-applying',
  'lost-before-applying',
  'lost-after-applying',
  'cut-body',
  'stalled-body',
  'slow-loris',
  '429-with-seconds',
  '429-with-date',
  '429-with-junk',
  '429-without-retry-after',
  '401',
  '403-subscription',
  '408',
  '500-before-applying',
  '500-after-applying',
  '502-before-applying',
  '502-after-applying',
  '503-before-applying',
  '503-after-applying',
  '504-before-applying',
  '504-after-applying',
  'html-error-page',
  'empty-200',
  'wrong-content-type',
];

/** Draws what a seed stands for. */
export function drawSchedule(seed: number): Schedule {
  const random = randomOf(seed, 'schedule');
  const between = (least: number, most: number) => least + random() * (most - least);
  const whole = (least: number, most: number) => Math.floor(between(least, most + 1));
  const one = <Value>(of: readonly Value[]) => of[Math.floor(random() * of.length)] as Value;

  const workers = whole(2, 3);
  let changes = 0;
  const changeOf = (event: string, at: number): PlannedChange => {
    changes += 1;
    const id = `${(0x1000_0000 + changes).toString(16)}-0000-4000-8000-000000000000`;
    return { id, event, staffUserId: 1000 + changes, at };
  };
  const walked = Array.from({ length: whole(4, 7) }, (_, number): PlannedTicket => {
    const key = one(['north', 'south', 'west']);
    let at = between(0, 3000);
    const events = steps.slice(0, whole(2, steps.length));
    return {
      ticketId: `WALK-${number}`,
      key,
      changes: events.map((event) => {
        at += random() < 0.5 ? between(0, 100) : between(0, 4000);
        return changeOf(event, at);
      }),
    };
  });
  const crowdAt = between(0, faultyMs / 2);
  const crowded = Array.from({ length: whole(15, 45) }, (_, number): PlannedTicket => ({
    ticketId: `CROWD-${number}`,
    key: 'north',
    changes: [changeOf('START', crowdAt + (random() < 0.7 ? 0 : between(0, 4000)))],
  }));
  const tickets = [...walked, ...crowded];

  const faults: Fault[] = [];
  /** Half of the seeds have none of this kind, and the others up to so many. */
  const draw = (most: number, what: () => FaultWhat) => {
    const count = random() < 0.5 ? 0 : Math.ceil(random() * most);
    for (let made = 0; made < count; made += 1) {
      const fault = { ...what(), at: between(0, faultyMs) };
      faults.push(fault);
    }
  };
  const worker = () => whole(0, workers - 1);
  const call = () => one(storeCalls);
  const method = () => (random() < 0.7 ? 'POST' : 'GET');
  draw(20, () => ({ kind: 'call-lost', worker: worker(), call: call() }));
  draw(30, () => ({ kind: 'answer-lost', worker: worker(), call: call() }));
  draw(8, () => ({ kind: 'answer-hangs', worker: worker(), call: call() }));
  draw(12, () => ({ kind: 'answer-late', worker: worker(), call: call(), ms: between(500, 4000) }));
  draw(4, () => ({ kind: 'end-forgotten', worker: worker() }));
  draw(2, () => ({ kind: 'store-away', ms: between(300, 8000) }));
  draw(3, () => ({ kind: 'session-ended', worker: worker() }));
  draw(5, () => ({ kind: 'killed', worker: worker(), ms: between(100, 3000) }));
  draw(2, () => ({ kind: 'vanished', worker: worker(), ms: between(100, 3000) }));
  draw(2, () => ({ kind: 'closed', worker: worker(), ms: between(100, 3000) }));
  draw(5, () => ({ kind: 'stopped', worker: worker(), ms: between(300, 8000) }));
  draw(2, () => ({ kind: 'clock-set', worker: worker(), ms: between(-5000, 5000) }));
  draw(6, () => ({ kind: 'vault-late', worker: worker(), ms: between(200, 5000) }));
  draw(15, () => ({ kind: 'api', fault: one(apiFaults), method: method() }));
  draw(8, () => ({ kind: 'request-lost', method: method() }));
  draw(12, () => ({ kind: 'response-lost', method: method() }));
  draw(6, () => ({ kind: 'request-late', method: method(), ms: between(timeoutMs, 1950) }));
  draw(2, () => ({ kind: 'api-away', ms: between(300, 6000) }));
  draw(4, () => ({ kind: 'accept-lost' }));
  draw(4, () => ({ kind: 'accept-answer-lost' }));
  draw(4, () => ({ kind: 'accept-rolled-back' }));
  draw(3, () => ({
    kind: 'colleague',
    ticket: whole(0, walked.length - 1),
    status: one(statuses),
  }));
  // A process that ends, or stands still, while the limit is used up.
  if (random() < 0.3) {
    const kind = one(['killed', 'stopped'] as const);
    const ms = between(100, 4000);
    faults.push({ kind, worker: worker(), ms, at: crowdAt + between(0, 1000) });
  }
  const inTime = faults.toSorted((before, after) => before.at - after.at);
  return { seed, workers, pace: one(['even', 'burst']), tickets, faults: inTime };
}

/** Whether two stores must end in the same way: what a colleague does depends on the moment. */
export const isTimeless = ({ faults }: Schedule): boolean =>
  faults.every(({ kind }) => kind !== 'colleague');

/** What is left of a schedule, by its places in what the seed stands for. */
export interface Kept {
  readonly faults: readonly number[];
  readonly tickets: readonly number[];
  readonly workers: number;
}

/** The same schedule with less in it. What a fault would strike that is gone, it does not strike. */
export function keep(schedule: Schedule, { faults, tickets, workers }: Kept): Schedule {
  const kept = (index: number) => tickets.includes(index);
  return {
    ...schedule,
    workers,
    tickets: schedule.tickets.map((ticket, at) => (kept(at) ? ticket : { ...ticket, changes: [] })),
    faults: schedule.faults.filter(
      (fault, at) => faults.includes(at) && (!('worker' in fault) || fault.worker < workers),
    ),
  };
}
