import type { SlaClock } from './read-sla.ts';
import type { WorkingTime } from './working-time.ts';

/** What a clock shows. */
export interface SlaReading<State extends string = string> {
  readonly clock: string;
  /**
   * `not-started` until the ticket first comes into a state in which it runs, and `stopped` from a
   * state on that stops it.
   */
  readonly phase: 'not-started' | 'running' | 'paused' | 'stopped';
  readonly targetMs: number;
  /** The working time that was counted. */
  readonly consumedMs: number;
  /** What is left of the target. Less than 0 where more was consumed. */
  readonly leftMs: number;
  /** Of the consumed time the part of each state in which the clock ran, in order. */
  readonly states: readonly { readonly state: State; readonly consumedMs: number }[];
  /** When it first ran; for a clock per stay, in this stay or the last. */
  readonly startedAt: Date | undefined;
  readonly stoppedAt: Date | undefined;
  /**
   * When the target was used up, or will be if the clock goes on running. `undefined` where it
   * pauses or stopped before that.
   */
  readonly breachAt: Date | undefined;
  /** Whether it ran on after `breachAt`. Whoever stops it at that very moment is in time. */
  readonly isBreached: boolean;
  /** How many stays breached, for a clock per stay; otherwise 0 or 1. */
  readonly breaches: number;
  /**
   * Whether a row's status has states that this clock treats differently, so that the state was
   * assumed.
   */
  readonly assumed: boolean;
}

/** A time in one state. */
export interface Stay {
  readonly state: string;
  /** The states that the ticket can have been in, where only its status is known. */
  readonly candidates: readonly string[];
  readonly from: number;
  until: number;
}

/** What a clock has counted since it started. */
interface Count {
  readonly startedAt: number;
  consumed: number;
  readonly states: Map<string, number>;
  breachAt?: number;
  isBreached: boolean;
}

/**
 * Reads a clock after a row of stays.
 *
 * It breaches at the moment at which its target is used up, if it still runs after that: in
 * working hours or not, for by then it is late.
 */
export function readClock(clock: SlaClock, stays: readonly Stay[], time: WorkingTime): SlaReading {
  const { name, targetMs, per, runsIn, stopsIn } = clock;
  const goesOn = clock.afterStop === 'continues' && per === 'ticket';
  let count: Count | undefined;
  let stoppedAt: number | undefined;
  let breaches = 0;
  let phase: SlaReading['phase'] = 'not-started';
  for (const stay of stays) {
    if (runsIn.includes(stay.state)) {
      if (phase === 'stopped' && !goesOn && per === 'ticket') continue;
      const running = count === undefined || per === 'stay' ? begin(stay.from) : count;
      const wasBreached = running.isBreached;
      run(running, stay);
      if (running.isBreached && !wasBreached) breaches += 1;
      count = running;
      phase = 'running';
      stoppedAt = undefined;
    } else if (stopsIn.includes(stay.state) || (per === 'stay' && phase === 'running')) {
      if (phase !== 'stopped') stoppedAt = stay.from;
      phase = 'stopped';
    } else if (phase === 'running' || (phase === 'stopped' && goesOn)) {
      phase = count === undefined ? 'not-started' : 'paused';
      stoppedAt = undefined;
    }
  }

  const { consumed = 0, states, startedAt, isBreached = false } = count ?? {};
  let breachAt = count?.breachAt;
  const last = stays.at(-1);
  if (phase === 'running' && last !== undefined) {
    breachAt ??= time.after(last.until, targetMs - consumed);
  }
  return {
    clock: name,
    phase,
    targetMs,
    consumedMs: consumed,
    leftMs: targetMs - consumed,
    states: [...(states ?? [])].map(([state, consumedMs]) => ({ state, consumedMs })),
    startedAt: dateOf(startedAt),
    stoppedAt: dateOf(stoppedAt),
    breachAt: dateOf(breachAt),
    isBreached,
    breaches,
    assumed: stays.some(({ candidates }) => new Set(candidates.map(roleIn)).size > 1),
  };

  function run(running: Count, { state, from, until }: Stay): void {
    const worked = time.between(from, until);
    const left = targetMs - running.consumed;
    if (running.breachAt === undefined && worked >= left) {
      const at = time.after(from, left);
      if (at !== undefined) running.breachAt = at;
    }
    if (running.breachAt !== undefined && until > running.breachAt) running.isBreached = true;
    running.consumed += worked;
    running.states.set(state, (running.states.get(state) ?? 0) + worked);
  }

  function roleIn(state: string): string {
    if (runsIn.includes(state)) return 'run';
    return stopsIn.includes(state) ? 'stop' : 'pause';
  }
}

const begin = (startedAt: number): Count => ({
  startedAt,
  consumed: 0,
  states: new Map(),
  isBreached: false,
});

const dateOf = (moment: number | undefined): Date | undefined =>
  moment === undefined ? undefined : new Date(moment);
