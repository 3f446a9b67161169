import type { ReportFault } from './fault-list.ts';
import { checkPayloads, type PayloadSchemas } from './payloads.ts';
import { expected, isRecord } from '../values.ts';

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
   * What a blocked transition says of each guard, for people.
   *
   * @defaultValue a sentence with the guard's name
   */
  readonly guardMessages?: Readonly<Record<string, string>>;
  /**
   * What events have to carry beside their type: a zod schema for each. It only checks: guards see
   * the event as it was given.
   */
  readonly payloads?: Payloads;
}

/** Reports options that are not what they should be. */
export function checkOptions(
  { guards, guardMessages, payloads }: LifecycleOptions,
  events: readonly string[],
  report: ReportFault,
): void {
  checkEach('guards', guards, 'function', 'a guard');
  checkEach('guardMessages', guardMessages, 'string', 'a text');
  checkPayloads(fieldsOf('payloads', payloads), events, report);

  function checkEach(name: string, option: unknown, type: string, what: string): void {
    for (const [key, value] of Object.entries(fieldsOf(name, option))) {
      const path = `options.${name}.${key}`;
      if (typeof value !== type) report(path, 'wrong-type', expected(what, value));
    }
  }

  function fieldsOf(name: string, option: unknown = {}): Readonly<Record<string, unknown>> {
    if (isRecord(option)) return option;
    report(`options.${name}`, 'wrong-type', expected('an object', option));
    return {};
  }
}
