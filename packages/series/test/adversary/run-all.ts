import type { Case } from './cases.ts';
import { judge, type Fault, type FaultKind } from './judge.ts';
import type { Variant } from './variants.ts';
import { run, type Sighting } from './world.ts';

/** One case in one way of use. */
export interface Trial {
  readonly one: Case;
  readonly variant: Variant;
}

/** A trial that showed a fault, with what is needed to see why. */
export interface Offender extends Trial {
  readonly faults: readonly Fault[];
  readonly sighting: Sighting;
}

// Odd, so that cases that come in pairs or fours meet all of the others, too.
const stride = 5;

/** Every case in the first way of use and in some of the others, so that each meets each part. */
export function rotate(
  cases: readonly Case[],
  [usual, ...others]: readonly Variant[],
  each: number,
): Trial[] {
  return cases.flatMap((one, index) => {
    const turned = Array.from(
      { length: each },
      (_, turn) => others[(index * stride + turn) % others.length],
    );
    return [usual, ...turned].flatMap((variant) => (variant === undefined ? [] : { one, variant }));
  });
}

export type Figures = Record<'trials' | FaultKind, number>;

/** Runs trials, several at a time, each with a server of its own. */
export async function runAll(
  trials: Iterable<Trial>,
  { atOnce = 8, onTrial = () => {} }: { atOnce?: number; onTrial?: (trial: Trial) => void } = {},
): Promise<{ figures: Figures; offenders: readonly Offender[] }> {
  const figures: Figures = {
    trials: 0,
    duplicates: 0,
    wrongVerdicts: 0,
    inversions: 0,
    keysShown: 0,
  };
  const offenders: Offender[] = [];
  const waiting = trials[Symbol.iterator]();
  await Promise.all(Array.from({ length: atOnce }, work));
  return { figures, offenders };

  async function work(): Promise<void> {
    for (let next = waiting.next(); next.done !== true; next = waiting.next()) {
      const { one, variant } = next.value;
      const sighting = await run(one, variant);
      const faults = judge(one, variant, sighting);
      figures.trials += 1;
      for (const { kind } of faults) figures[kind] += 1;
      if (faults.length > 0) offenders.push({ one, variant, faults, sighting });
      onTrial(next.value);
    }
  }
}

/** Tells an offender so that its case can be found and its server understood. */
export function describe({ one, variant, faults, sighting }: Offender): string {
  const start = sighting.endings[0]?.askedAt ?? 0;
  const at = (moment: number) => `${Math.round(moment - start)} ms`;
  return [
    `${one.name} [${one.table}; ${variant.name}]`,
    ...faults.map(({ kind, text }) => `  ${kind}: ${text}`),
    ...sighting.endings.map(
      ({ step, outcome, askedAt, endedAt }) =>
        `  ${step.event}: ${outcome?.kind ?? 'no outcome'} (${at(askedAt)} to ${at(endedAt)})`,
    ),
    ...sighting.requests.map(
      ({ number, at: moment, method, path, body, isReused }) =>
        `  request ${number} at ${at(moment)}: ${method} ${path} ${body}${isReused ? ' (kept connection)' : ''}`,
    ),
    ...sighting.applied.map(
      ({ by, request, from, to, at: moment }) =>
        `  applied at ${at(moment)}: ${from} to ${to} by ${by === 'us' ? `request ${request}` : 'a colleague'}`,
    ),
  ].join('\n');
}
