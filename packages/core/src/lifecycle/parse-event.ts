import type { EventObject } from 'xstate';
import { payloadRefused, textOf, unknownEvent, type Blocker } from '../blockers.ts';
import { refusalsOf, type PayloadSchemas } from '../definition/payloads.ts';
import { isRecord } from '../values.ts';
import { nameHelp } from '../nearest-name.ts';

/** An event that came from outside, or every reason why it is none. */
export type ParsedEvent<Event extends EventObject = EventObject> =
  | { readonly valid: true; readonly event: Event }
  | { readonly valid: false; readonly blockers: readonly Blocker[] };

/**
 * Reads an event from outside: its name, or an object with its `type` and what it carries. It never
 * throws, whatever it gets.
 */
export function parseEvent(
  events: readonly string[],
  payloads: PayloadSchemas,
  input: unknown,
): ParsedEvent {
  const refuse = (...blockers: Blocker[]): ParsedEvent =>
    Object.freeze({ valid: false, blockers: Object.freeze(blockers) });
  let event: Readonly<Record<string, unknown>>;
  try {
    // Own fields only: a prototype was not sent.
    event = isRecord(input) ? { ...input } : { type: input };
  } catch {
    return refuse(unknownEvent(textOf(input), events, nameHelp));
  }
  const type = Object.hasOwn(event, 'type') ? event['type'] : undefined;
  if (typeof type !== 'string' || !events.includes(type))
    return refuse(unknownEvent(type, events, nameHelp));

  const schema = Object.hasOwn(payloads, type) ? payloads[type] : undefined;
  const read = { ...event, type };
  try {
    const refusals = schema === undefined ? [] : refusalsOf(schema, read);
    if (refusals.length > 0) return refuse(...refusals);
  } catch (error) {
    return refuse(payloadRefused(type, [], `its schema can't tell: ${textOf(error)}`));
  }
  return Object.freeze({ valid: true, event: Object.freeze(read) });
}
