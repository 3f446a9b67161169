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
  const message = Object.hasOwn(messages, guard) ? messages[guard] : undefined;
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
  readonly guards?: Guards;
  /**
   * What a blocked transition says of each guard, for people: a text, or a function that makes one
   * of the guard's params, the context and the event.
   *
   * @defaultValue a sentence with the guard's name and params
   */
  readonly guardMessages?: Messages;
  /**
   * What events have to carry beside their type: a zod schema for each. It only checks: guards see
   * the event as it was given.
   */
  readonly payloads?: Payloads;
}

const optionNames = ['guards', 'guardMessages', 'payloads'];

/** The options, read from whatever was passed for them. What is wrong with them is reported. */
export function readOptions(options: unknown, report: ReportFault): LifecycleOptions {
  const read: Record<string, Readonly<Record<string, unknown>>> = {};
  if (options !== undefined && !isRecord(options)) {
    report('options', 'wrong-type', mismatch('an object', options));
  } else {
    for (const [option, value] of Object.entries(options ?? {})) {
      const path = `options.${option}`;
      if (!optionNames.includes(option)) {
        report(path, 'unknown-option', { option, options: optionNames });
      } else if (isRecord(value)) read[option] = value;
      else if (value !== undefined) report(path, 'wrong-type', mismatch('an object', value));
    }
  }
  return read;
}

/** Reports what the options hold, where it is not what it should be. */
export function checkOptions(
  { guards, guardMessages, payloads }: LifecycleOptions,
  events: readonly string[],
  report: ReportFault,
): void {
  check({ guards }, 'a guard', (value) => typeof value === 'function');
  const isMessage = (value: unknown) => typeof value === 'string' || typeof value === 'function';
  check({ guardMessages }, 'a text or a function', isMessage);
  check({ payloads }, 'schema', (value, event, path) => {
    if (!events.includes(event)) report(path, 'unknown-event', { event, events });
    return isSchema(value);
  });

  function check(
    option: Readonly<Record<string, object | undefined>>,
    expected: string,
    isSound: (value: unknown, name: string, path: string) => boolean,
  ): void {
    for (const [name, entries = {}] of Object.entries(option)) {
      for (const [key, value] of Object.entries(entries)) {
        const path = `options.${name}.${key}`;
        if (!isSound(value, key, path)) report(path, 'wrong-type', mismatch(expected, value));
      }
    }
  }
}
