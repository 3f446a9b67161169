import type { EventObject } from 'xstate';
import { textOf } from '../blockers.ts';
import { brokenPart, sentenceOf } from './fault-list.ts';
import type { Sentences } from './fault-sentences.ts';
import { createIdentifier } from './guard-params.ts';
import { isThenable, noFields } from '../values.ts';

/** A guard's implementation. */
export type Test = (args: { context: unknown; event: EventObject }, params: unknown) => unknown;

/** A guard as a transition names it. */
export interface GuardReference {
  readonly type: string;
  readonly params?: unknown;
}

/** A single guard, not made of others. */
export interface Leaf {
  /** Its name and what it is asked with, as defined. */
  readonly asked: GuardReference;
  /** The same as text, by which guards of one machine are told apart. */
  readonly key: string;
  readonly holds: (context: unknown, event: EventObject, from: string) => boolean;
}

/** What a guard is asked with, computed where the definition says how. */
export const paramsFor = (
  { params }: { readonly params?: unknown },
  context: unknown,
  event: EventObject,
): unknown => (typeof params === 'function' ? params({ context, event }) : params);

const code = 'broken-guard';

/** Prepares the guards of one machine. */
export function createLeaf(sentences: Sentences | undefined) {
  const identify = createIdentifier();

  return (asked: GuardReference, test: Test): Leaf => {
    const { type } = asked;
    return {
      asked,
      // No two guards share a key, whatever they are called.
      key: identify([type, asked.params]),
      holds(context, event, from) {
        const fail = (reason: string, cause: unknown) => {
          const hasContext = context !== noFields;
          const facts = { guard: type, event: textOf(event.type), from, reason, hasContext };
          return brokenPart(`guards.${type}`, code, sentenceOf(sentences, code, facts), cause);
        };
        let answer: unknown;
        try {
          answer = test({ context, event }, paramsFor(asked, context, event));
        } catch (cause) {
          throw fail(textOf((cause as Partial<Error> | undefined)?.message ?? cause), cause);
        }
        if (isThenable(answer)) throw fail('', answer);
        return Boolean(answer);
      },
    };
  };
}
