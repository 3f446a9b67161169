import type { Blocker, Verdict } from '../../src/index.ts';

/** The blockers of a verdict, none when it is allowed. */
export const blockersOf = (verdict: Verdict): readonly Blocker[] =>
  verdict.allowed ? [] : verdict.blockers;

/** The codes of a verdict's blockers, none when it is allowed. */
export const codesOf = (verdict: Verdict): string[] => blockersOf(verdict).map(({ code }) => code);

/** The guards that a verdict's blockers name. */
export const guardsOf = (verdict: Verdict): unknown[] =>
  blockersOf(verdict).map((one) => parameterOf(one, 'guard'));

/** One of the values that a blocker's message speaks of. */
export const parameterOf = (blocker: Blocker | undefined, name: string): unknown =>
  (blocker?.parameters as Readonly<Record<string, unknown>> | undefined)?.[name];
