import { failed } from './failed.ts';
import type { Waiting } from './waiting.ts';

/** Watches the signals of those who wait. */
export interface Aborts {
  watch(entry: Waiting): void;
  forget(entry: Waiting): void;
}

/**
 * Calls back for each entry whose signal aborts. A signal has one listener, however many wait
 * under it: EventTarget looks through all of them for each that is added.
 */
export function createAborts(onAbort: (entry: Waiting, why: Promise<never>) => void): Aborts {
  // The last who came under each signal; the others follow by `earlier`.
  const latest = new Map<AbortSignal, Waiting>();

  function abortAll({ target }: Event): void {
    const signal = target as AbortSignal;
    let entry = latest.get(signal);
    while (entry?.earlier !== undefined) entry = entry.earlier;
    latest.delete(signal);
    signal.removeEventListener('abort', abortAll);
    const why = failed(signal.reason);
    while (entry !== undefined) {
      const next: Waiting | undefined = entry.later;
      entry.earlier = undefined;
      entry.later = undefined;
      onAbort(entry, why);
      entry = next;
    }
  }

  return {
    watch(entry) {
      const { signal } = entry;
      if (signal === undefined) return;
      const earlier = latest.get(signal);
      if (earlier === undefined) signal.addEventListener('abort', abortAll);
      else {
        entry.earlier = earlier;
        earlier.later = entry;
      }
      latest.set(signal, entry);
    },
    forget(entry) {
      const { signal, earlier, later } = entry;
      if (signal === undefined) return;
      if (earlier !== undefined) earlier.later = later;
      if (later !== undefined) later.earlier = earlier;
      else if (earlier !== undefined) latest.set(signal, earlier);
      else if (latest.get(signal) === entry) {
        latest.delete(signal);
        signal.removeEventListener('abort', abortAll);
      }
      entry.earlier = undefined;
      entry.later = undefined;
    },
  };
}
