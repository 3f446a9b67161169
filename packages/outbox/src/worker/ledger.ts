import type { ClaimEnd, KeyTurn, Release, Slot } from '../model/claim.ts';
import type { Store } from '../model/store.ts';

/** Collects what has ended, and writes it down as often as the store can take it. */
export interface Ledger {
  /** Resolves when the end is stored: whether the claim was still held. */
  end(end: ClaimEnd): Promise<boolean>;
  release(release: Omit<Release, 'at'>): void;
  /** Resolves when nothing is left to write. */
  drained(): Promise<void>;
  /** Gives up what could not be written so far. */
  stop(): void;
}

/** Gives back a slot that was not used. */
export const giveBack = (
  ledger: Pick<Ledger, 'release'>,
  { key, slot, token }: Pick<Slot, 'key' | 'slot' | 'token'>,
): void => ledger.release({ key, slot, token, answer: { kind: 'not-sent' } });

interface Entry {
  readonly end: ClaimEnd;
  readonly resolve: (wasHeld: boolean) => void;
}

const mostInOneCall = 500;
// How long an end waits whose rows somebody has locked.
const busyMs = 250;
const firstRetryMs = 50;
const longestRetryMs = 1000;

/** Whether the database can't read what it was given: SQLSTATEs of the class 22. */
const isUnreadable = (error: unknown): boolean =>
  String((Object(error) as { readonly code?: unknown }).code).startsWith('22');

export function createLedger(
  store: Pick<Store<never>, 'end'>,
  onError: (error: unknown) => void,
  onTurn: (turn: KeyTurn) => void = () => {},
): Ledger {
  let entries: Entry[] = [];
  let releases: Release[] = [];
  let writing: Promise<void> | undefined;
  const waiting = new Set<Promise<void>>();
  // Those of the batch that is written which are stored, or put off.
  const passed = new WeakSet<Entry>();
  const stopping = new AbortController();

  async function write(): Promise<void> {
    let retryMs = firstRetryMs;
    try {
      while (!stopping.signal.aborted && (entries.length > 0 || releases.length > 0)) {
        retryMs = await writeBatch(retryMs);
      }
    } finally {
      // In the same step as the last look: whoever adds something after it begins anew.
      writing = undefined;
    }
  }

  /** Writes some of them, or waits before they are tried again. Returns how long the next wait is. */
  async function writeBatch(retryMs: number): Promise<number> {
    // What comes meanwhile makes up the next batch: the busier it is, the larger they get.
    // One end of each change, since a change is all that an answer names: two attempts may end together.
    const latest = new Map(entries.map((entry) => [entry.end.id, entry]));
    const batch = [...latest.values()].slice(0, mostInOneCall);
    const taken = new Set(batch);
    entries = entries.filter((entry) => !taken.has(entry));
    const freed = releases.splice(0, mostInOneCall);
    for (const entry of batch) passed.delete(entry);
    try {
      await put(batch, freed);
      return firstRetryMs;
    } catch (error) {
      onError(error);
      entries = [...batch.filter((entry) => !passed.has(entry)), ...entries];
      releases = [...freed, ...releases];
      await new Promise((resolve) => setTimeout(resolve, retryMs));
      return Math.min(retryMs * 2, longestRetryMs);
    }
  }

  /**
   * Writes them together; one by one where the database can't read one of them, which would keep all
   * others from being written. Where this fails on its way, those that are left are written again.
   */
  async function put(batch: readonly Entry[], freed: readonly Release[]): Promise<void> {
    try {
      await putTogether(batch, freed);
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      onError(error);
      if (batch.length + freed.length > 1) {
        for (const release of freed) await put([], [release]);
        for (const entry of batch) await put([entry], []);
        return;
      }
      // A slot that can't be given back is free when its time is over. An end that can't be written
      // without its evidence either leaves a stray, which the worker ends.
      const [only] = batch;
      if (only === undefined) return;
      if (only.end.evidence === undefined) only.resolve(false);
      else
        await put([{ ...only, end: { ...only.end, evidence: undefined, codes: undefined } }], []);
      passed.add(only);
    }
  }

  async function putTogether(batch: readonly Entry[], freed: readonly Release[]): Promise<void> {
    const ends = batch.map(({ end }) => end);
    const { stands, busy, busySlots, turned = [] } = await store.end(ends, freed);
    for (const turn of turned) onTurn(turn);
    for (const entry of batch) passed.add(entry);
    for (const { end, resolve } of batch) if (!busy.has(end.id)) resolve(stands.has(end.id));
    putOff(
      batch.filter(({ end }) => busy.has(end.id)),
      freed.filter(({ token }) => busySlots?.has(token)),
    );
  }

  /** Writes ends, and gives slots back, later, and all others meanwhile. */
  function putOff(some: readonly Entry[], slots: readonly Release[]): void {
    if (some.length + slots.length === 0) return;
    const back = new Promise((resolve) => setTimeout(resolve, busyMs)).then(() => {
      waiting.delete(back);
      entries.push(...some);
      releases.push(...slots);
      begin();
    });
    waiting.add(back);
  }

  function begin(): void {
    // In a task of its own, so that a slot and the end of its change go together.
    writing ??= new Promise((resolve) => setImmediate(resolve)).then(write);
  }

  return {
    end(end) {
      return new Promise((resolve) => {
        entries.push({ end, resolve });
        begin();
      });
    },
    release(release) {
      releases.push({ ...release, at: performance.now() });
      begin();
    },
    stop() {
      stopping.abort();
    },
    async drained() {
      const next = () => writing ?? [...waiting][0];
      for (let batch = next(); batch !== undefined; batch = next()) await batch;
    },
  };
}
