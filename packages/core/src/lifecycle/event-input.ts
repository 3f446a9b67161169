import type { EventObject } from 'xstate';

/** An event as an object, or by its name alone where it carries nothing else. */
export type EventInput<Event extends EventObject> = Event | NameOfBare<Event>;

// A machine that declares no event types takes any event, so any name will do as well.
type NameOfBare<Event extends EventObject> = Event extends unknown
  ? string extends keyof Event
    ? Event['type']
    : Exclude<keyof Event, 'type'> extends never
      ? Event['type']
      : never
  : never;
