import {
  LifecycleDefinitionError,
  type DefinitionFault,
  type DefinitionFaultCode,
} from '../errors.ts';
import { isThenable } from '../values.ts';
import type { FaultCode, FaultFacts, Sentences } from './fault-sentences.ts';

/** Notes one fault of a definition and goes on, so that all of them come at once. */
export type ReportFault = <Code extends FaultCode>(
  path: string,
  code: Code,
  ...facts: FaultFacts<Code> extends undefined ? [] : [FaultFacts<Code>]
) => void;

/** Notes one fault with a sentence of its own. */
export type NoteFault = (path: string, code: DefinitionFaultCode, message: string) => void;

/** A list of faults that grows while a definition is read. */
export interface FaultList {
  readonly report: ReportFault;
  readonly note: NoteFault;
  readonly isEmpty: () => boolean;
  /** One error that holds all faults. */
  readonly toError: (headline?: string) => LifecycleDefinitionError;
}

/**
 * Collects faults.
 *
 * @param sentences - what each says, by its code; without them it says its code and its facts
 */
export function createFaultList(sentences?: Sentences): FaultList {
  // Keyed by its text: a fault of the machine's own transitions would come once for each state.
  const faults = new Map<string, DefinitionFault>();
  const note: NoteFault = (path, code, message) =>
    faults.set(`${path}: ${message}`, { code, path, message });
  return {
    note,
    report: (path, code, ...[facts]) => note(path, code, sentenceOf(sentences, code, facts, path)),
    isEmpty: () => faults.size === 0,
    toError: (headline) => new LifecycleDefinitionError([...faults.values()], { headline }),
  };
}

/**
 * Says that a guard or a schema could not answer a question.
 *
 * @param cause - what it threw, or the Promise that it gave
 */
export function brokenPart(
  path: string,
  code: DefinitionFaultCode,
  message: string,
  cause: unknown,
): LifecycleDefinitionError {
  // Nobody will wait for it; its rejection must not end the process.
  if (isThenable(cause)) Promise.resolve(cause).catch(() => {});
  return new LifecycleDefinitionError([{ code, path, message }], {
    headline: "The lifecycle can't answer",
    cause: isThenable(cause) ? undefined : cause,
  });
}

/** What a fault says: its sentence, or else its code and its facts. */
export const sentenceOf = (
  sentences: Sentences | undefined,
  code: string,
  facts: unknown,
  path = '',
): string =>
  sentences?.[code]?.(facts as never, path) ?? [code, JSON.stringify(facts)].join(' ').trim();
