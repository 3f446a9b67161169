import type { LimiterEvent, LimiterListener } from './limiter-event.ts';

/** Those who want to be told. */
export interface Listeners {
  readonly add: (listener: LimiterListener) => () => void;
  readonly tell: (event: LimiterEvent) => void;
}

export function createListeners(): Listeners {
  // Wrapped, so that a function that was added twice is told twice, and can be taken off once.
  const listeners = new Set<{ readonly listener: LimiterListener }>();
  return {
    add(listener) {
      const entry = { listener };
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    tell(event) {
      for (const { listener } of listeners) {
        try {
          listener(event);
        } catch (error) {
          // Somebody's broken log must not break the budget, but it must not be hidden either.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
