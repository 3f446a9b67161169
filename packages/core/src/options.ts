import type { ReportFault } from './faults.ts';
import { checkPayloads, type PayloadSchemas } from './payload.ts';
import { expected, isRecord } from './record.ts';

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
   * What events have to carry beside their type: a zod schema for each. It judges and changes
   * nothing: guards see the event as it was given.
   */
  readonly payloads?: Payloads;
}

/** Reports options that are not what they should be. */
export function checkOptions(
  { guards, guardMessages, payloads }: LifecycleOptions,
  events: readonly string[],
  report: ReportFault,
): void {
  check('guards', guards, 'function', 'a guard');
  check('guardMessages', guardMessages, 'string', 'a text');
  if (check('payloads', payloads, 'object', 'a zod schema') && payloads !== undefined) {
    checkPayloads(payloads, events, report);
  }

  function check(name: string, option: unknown, type: string, what: string): boolean {
    if (option === undefined) return true;
    const path = `options.${name}`;
    if (!isRecord(option)) report(path, 'wrong-type', expected('an object', option));
    for (const [key, value] of Object.entries(isRecord(option) ? option : {})) {
      const isRight = typeof value === type || (type === 'object' && typeof value === 'function');
      if (!isRight) report(`${path}.${key}`, 'wrong-type', expected(what, value));
    }
    return isRecord(option);
  }
}
