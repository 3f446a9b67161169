import type { EventObject } from 'xstate';
import type { ReportFault } from './fault-list.ts';
import { checkPayloads, type PayloadSchemas } from './payloads.ts';
import { expected, isRecord } from '../values.ts';

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
  readonly guardMessages?: GuardMessages;
  /**
   * What events have to carry beside their type: a zod schema for each. It only checks: guards see
   * the event as it was given.
   */
  readonly payloads?: Payloads;
}

const optionNames = ['guards', 'guardMessages', 'payloads'];

/** The options, read from whatever was passed for them. */
export function readOptions(options: unknown, report: ReportFault): LifecycleOptions {
  if (!isRecord(options)) {
    if (options !== undefined) report('options', 'wrong-type', expected('an object', options));
    return {};
  }
  for (const name of Object.keys(options)) {
    if (optionNames.includes(name)) continue;
    const message = `There is no such option. The options are ${optionNames.join(', ')}.`;
    report(`options.${name}`, 'unknown-option', message);
  }
  return options;
}

/** Reports options that are not what they should be. */
export function checkOptions(
  { guards, guardMessages, payloads }: LifecycleOptions,
  events: readonly string[],
  guardNames: readonly string[],
  report: ReportFault,
): void {
  checkEach('guards', guards, ['function'], 'a guard');
  checkEach('guardMessages', guardMessages, ['string', 'function'], 'a text or a function');
  for (const name of Object.keys(isRecord(guardMessages) ? guardMessages : {})) {
    if (guardNames.includes(name)) continue;
    const known =
      guardNames.length === 0 ? 'There are none.' : `The guards are ${guardNames.join(', ')}.`;
    report(`options.guardMessages.${name}`, 'unknown-guard', `There is no such guard. ${known}`);
  }
  checkPayloads(fieldsOf('payloads', payloads), events, report);

  function checkEach(name: string, option: unknown, types: string[], what: string): void {
    for (const [key, value] of Object.entries(fieldsOf(name, option))) {
      const path = `options.${name}.${key}`;
      if (!types.includes(typeof value)) report(path, 'wrong-type', expected(what, value));
    }
  }

  function fieldsOf(name: string, option: unknown = {}): Readonly<Record<string, unknown>> {
    if (isRecord(option)) return option;
    report(`options.${name}`, 'wrong-type', expected('an object', option));
    return {};
  }
}
