import { keep, type Kept, type Schedule } from './schedule.ts';

/*
 * Makes a schedule that fails smaller: fewer workers, tickets and faults, as long as it fails. Delta
 * debugging: parts of a list are left out, large ones first, then smaller ones.
 */

export interface Shrunk {
  readonly schedule: Schedule;
  readonly kept: Kept;
  /** How many schedules were tried. */
  readonly tried: number;
}

/** Tries at most so many schedules. */
export async function shrink(
  schedule: Schedule,
  fails: (smaller: Schedule) => Promise<boolean>,
  mostTries = 150,
): Promise<Shrunk> {
  let kept: Kept = {
    faults: [...schedule.faults.keys()],
    tickets: [...schedule.tickets.keys()],
    workers: schedule.workers,
  };
  let tried = 0;

  async function isEnough(candidate: Kept): Promise<boolean> {
    if (tried >= mostTries) return false;
    tried += 1;
    if (!(await fails(keep(schedule, candidate)))) return false;
    kept = candidate;
    return true;
  }

  async function fewer(name: 'faults' | 'tickets'): Promise<void> {
    for (let size = Math.ceil(kept[name].length / 2); size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < kept[name].length;) {
        const rest = kept[name].toSpliced(from, size);
        if (!(await isEnough({ ...kept, [name]: rest }))) from += size;
      }
    }
  }

  for (let workers = 1; workers < schedule.workers; workers += 1) {
    if (await isEnough({ ...kept, workers })) break;
  }
  await fewer('tickets');
  await fewer('faults');
  await fewer('tickets');
  return { schedule: keep(schedule, kept), kept, tried };
}

/** A schedule as a person reads it. */
export function describeSchedule({ seed, workers, pace, tickets, faults }: Schedule): string[] {
  return [
    `seed ${seed}, ${workers} workers, pace ${pace}`,
    ...tickets
      .filter(({ changes }) => changes.length > 0)
      .map(({ ticketId, key, changes }) => {
        const events = changes.map(({ event, at }) => `${event} at ${at.toFixed(0)}`);
        return `${ticketId} of ${key}: ${events.join(', ')}`;
      }),
    ...faults.map(({ at, kind, ...what }) =>
      [
        `at ${at.toFixed(0)} ${kind}`,
        ...Object.entries(what).map(
          ([name, value]) => `${name} ${typeof value === 'number' ? Math.round(value) : value}`,
        ),
      ].join(', '),
    ),
  ];
}

/** Writes down what is left of a schedule, for the command line: `2;3,4;0`. */
export const textOf = ({ workers, faults, tickets }: Kept): string =>
  [workers, faults.join(','), tickets.join(',')].join(';');

/** Reads that again, or nothing where it is no such text. */
export function keptOf(text: string): Kept | undefined {
  if (!/^[1-9]\d?;[\d,]*;[\d,]*$/.test(text)) return undefined;
  const [workers = '', ...lists] = text.split(';');
  const [faults = [], tickets = []] = lists.map((list) =>
    list.split(',').filter(Boolean).map(Number),
  );
  return { workers: Number(workers), faults, tickets };
}
