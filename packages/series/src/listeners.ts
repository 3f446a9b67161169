/** Those who want to be told of events. */
export interface Listeners<Event> {
  /** Adds one, and gives what takes it off again. */
  readonly add: (listener: (event: Event) => void) => () => void;
  readonly emit: (event: Event) => void;
}

export function createListeners<Event>(): Listeners<Event> {
  // Wrapped, so that a function that was added twice is told twice, and can be taken off once.
  const entries = new Set<{ readonly listener: (event: Event) => void }>();
  return {
    add(listener) {
      const entry = { listener };
      entries.add(entry);
      return () => void entries.delete(entry);
    },
    emit(event) {
      for (const { listener } of entries) {
        try {
          listener(event);
        } catch {
          // Watching must not change what is watched: a broken log ends no change and no process.
        }
      }
    },
  };
}
