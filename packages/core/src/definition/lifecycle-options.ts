import type { EventObject } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import { isSchema, type PayloadSchemas } from './payloads.ts';
import { isRecord, mismatch } from '../values.ts';

/** What a guard was asked with. */
export interface GuardMessageFacts {
  readonly params: unknown;
  readonly context: unknown;
  readonly event: EventObject;
}

/** A text for a guard that does not hold, or a function that makes one. */
export type GuardMessage = string | ((facts: never) => string);

/** The texts for guards that do not hold, by the names of the guards. */
export type GuardMessages = Readonly<Record<string, GuardMessage | undefined>>;

/** The text for a guard, if there is one. A function that throws must not spoil the answer. */
export function messageOf(
  messages: GuardMessages,
  guard: string,
  facts: GuardMessageFacts,
): string | undefined {
  const message = messages[guard];
  if (typeof message !== 'function') return message;
  try {
    const text: unknown = message(facts as never);
    return typeof text === 'string' ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Settings of a lifecycle. */
export interface LifecycleOptions<
  Guards extends object = object,
  Payloads extends object = PayloadSchemas,
  Messages extends object = GuardMessages,
> {
  /**
   * The guards' implementations by name, where the definition is a config that can't hold them.
   * For a machine it is the same as `machine.provide({ guards })`.
   */
  readonly guards?: Guards | undefined;
  /**
   * The text about each guard in a blocked transition, for people. Pass a text, or a function that
   * makes the text from the guard's params, the context and the event.
   *
   * @defaultValue a sentence with the guard's name and params
   */
  readonly guardMessages?: Messages | undefined;
  /**
   * What events have to carry beside their type: a zod schema for each. It only checks: guards see
   * the event as it was given.
   */
  readonly payloads?: Payloads | undefined;
}

/** Options as they are read: texts and schemas are there, if only none. */
export interface ReadOptions extends LifecycleOptions {
  readonly guardMessages: GuardMessages;
  readonly payloads: PayloadSchemas;
}

// A name such as "constructor" is looked up in it, and must not be found by chance. What is
// undefined is not given.
const bare = (fields: object) => {
  const given = Object.entries(fields).filter(([, one]) => one !== undefined);
  return Object.freeze({ __proto__: null, ...Object.fromEntries(given) } as object) as Readonly<
    Record<string, never>
  >;
};

/** The options, read from whatever was passed for them. What is wrong with them is reported. */
export function readOptions(options: unknown, report: ReportFault): ReadOptions {
  const read = { guardMessages: bare({}), payloads: bare({}) };
  if (options !== undefined && !isRecord(options)) {
    report('options', 'wrong-type', mismatch('an object', options));
  } else {
    for (const [option, value] of Object.entries(options ?? {})) {
      const path = `options.${option}`;
      if (!Object.hasOwn(forms, option)) {
        report(path, 'unknown-option', { option, options: Object.keys(forms) });
      } else if (isRecord(value)) read[option as 'payloads'] = bare(value);
      else if (value !== undefined) report(path, 'wrong-type', mismatch('an object', value));
    }
  }
  return read;
}

/** Reports what the options hold, where it is not what it should be. */
export function checkOptions(
  options: LifecycleOptions,
  events: readonly string[],
  report: ReportFault,
): void {
  for (const [name, entries] of Object.entries(options) as [keyof LifecycleOptions, object][]) {
    for (const [key, value] of Object.entries(entries)) {
      const path = `options.${name}.${key}`;
      if (name === 'payloads' && !events.includes(key)) {
        report(path, 'unknown-event', { event: key, events });
      }
      const isText = name === 'guardMessages' && typeof value === 'string';
      const isSound = name === 'payloads' ? isSchema(value) : isText || typeof value === 'function';
      if (!isSound) report(path, 'wrong-type', mismatch(forms[name], value));
    }
  }
}

const forms = { guards: 'a guard', guardMessages: 'a text or a function', payloads: 'schema' };
