import type { KeyFault } from '../model/delivery.ts';
import type { PausedKey } from '../model/outbox.ts';
import { firstPauseMs, longestPauseMs, mostSilent } from '../model/slot-timing.ts';
import type { KeyTurn } from '../model/claim.ts';

interface Pause {
  readonly by: PausedKey['by'];
  readonly reason: string;
  readonly since: Date;
  /** On the monotonic clock. */
  readonly begunAt: number;
  readonly stepMs: number;
  readonly nextTryAt: number;
}

/** Whether a key turns by an end. */
type Turn = Omit<KeyTurn, 'key'> | undefined;

/**
 * What a key's ends have shown about the key itself, and whether it is paused.
 *
 * @param probeMs - how long the end of a probe is waited for
 */
export function createMemoryCircuit(probeMs: number) {
  let pause: Pause | undefined;
  let silent = 0;
  let workedAt = -Infinity;
  const now = () => performance.now();

  return {
    /** How many of its changes may be handed out now: none, one as a probe, or as many as you like. */
    room(): number {
      if (pause === undefined) return Infinity;
      return pause.by === 'fault' && pause.nextTryAt <= now() ? 1 : 0;
    },
    /** One was handed out; the next probe waits for its end. */
    handOut(): void {
      if (pause !== undefined) pause = { ...pause, nextTryAt: now() + probeMs };
    },
    /** Milliseconds until the next probe; `undefined` where none is due by itself. */
    nextInMs(): number | undefined {
      return pause?.by === 'fault' ? Math.max(0, pause.nextTryAt - now()) : undefined;
    },
    /** The end of a claim that began at `claimedAt`. Says whether the key pauses or goes on by it. */
    fail(fault: KeyFault, reason: string, claimedAt: number): Turn {
      const at = now();
      silent += fault === 'silent' ? 1 : 0;
      if (pause === undefined) {
        if (workedAt >= claimedAt || (fault === 'silent' && silent < mostSilent)) return undefined;
        const nextTryAt = at + firstPauseMs;
        const since = new Date();
        pause = { by: 'fault', reason, since, begunAt: at, stepMs: firstPauseMs, nextTryAt };
        return { reason };
      }
      // What was handed out before the pause says nothing new.
      if (pause.by === 'fault' && claimedAt >= pause.begunAt) {
        const stepMs = Math.min(2 * pause.stepMs, longestPauseMs);
        pause = { ...pause, reason, stepMs, nextTryAt: at + stepMs };
      }
      return undefined;
    },
    work(claimedAt: number): Turn {
      silent = 0;
      // It counts from its claim: what was sent before the key failed does not show that it works.
      workedAt = Math.max(workedAt, claimedAt);
      if (pause?.by !== 'fault' || claimedAt < pause.begunAt) return undefined;
      pause = undefined;
      return {};
    },
    /**
     * The end of a claim that began at `claimedAt` and says nothing of the key. If it was the probe, the
     * next one comes at once where it asked nothing, and else as long after it as it came itself.
     */
    sayNothing(claimedAt: number, hasAsked: boolean): void {
      if (pause?.by !== 'fault' || claimedAt < pause.begunAt) return;
      pause = { ...pause, nextTryAt: now() + (hasAsked ? pause.stepMs : 0) };
    },
    /** Whether the key worked for a claim that began since that moment, and is not paused. */
    hasWorkedSince: (moment: number): boolean => pause === undefined && workedAt >= moment,
    pause(reason: string): void {
      const begunAt = now();
      const since = new Date();
      pause = { by: 'hand', reason, since, begunAt, stepMs: firstPauseMs, nextTryAt: Infinity };
    },
    resume(): boolean {
      const wasPaused = pause !== undefined;
      pause = undefined;
      silent = 0;
      return wasPaused;
    },
    describe(): Omit<PausedKey, 'key' | 'tickets'> | undefined {
      if (pause === undefined) return undefined;
      const { by, reason, since, nextTryAt } = pause;
      if (by === 'hand') return { by, reason, since };
      return { by, reason, since, nextTryAt: new Date(Date.now() + nextTryAt - now()) };
    },
  };
}
