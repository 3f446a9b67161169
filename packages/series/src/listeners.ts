import { tell } from '@ticket-lifecycle/internal/tell';

/** Listeners for events of one kind. */
export interface Listeners<Event> {
  /** Adds a listener, and returns a function that removes it. */
  readonly add: (listener: (event: Event) => void) => () => void;
  readonly emit: (event: Event) => void;
}

export function createListeners<Event>(): Listeners<Event> {
  // Wrapped, so that a function that was added twice is called twice, and can be removed once.
  const entries = new Set<{ readonly listener: (event: Event) => void }>();
  return {
    add(listener) {
      const entry = { listener };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    emit(event) {
      for (const { listener } of entries) tell(() => listener(event));
    },
  };
}
