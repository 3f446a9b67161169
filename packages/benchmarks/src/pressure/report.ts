import type { Measured } from '../benchmark.ts';
import { table } from '../table.ts';
import { longestRecoveryMs, type ChaosResult } from './chaos.ts';
import { engines, ours } from './engines.ts';
import type { GrowthResult } from './growth.ts';
import type { IdleResult } from './idle.ts';
import type { OpenResult } from './open-transaction.ts';
import type { StrainResult } from './strain.ts';

export interface Everything {
  readonly chaos: readonly ChaosResult[];
  readonly strain: readonly StrainResult[];
  readonly open: readonly OpenResult[];
  readonly growth: readonly GrowthResult[];
  readonly idle: readonly IdleResult[];
  /** How long the transaction was open. */
  readonly seconds: number;
}

export function report(everything: Everything): Measured {
  return { figures: figuresOf(everything), markdown: markdownOf(everything) };
}

/** Ours by their plain names, those of the others behind the name of the engine. */
function figuresOf({ chaos, strain, open, growth, idle, seconds }: Everything) {
  const figures: Record<string, number> = { openSeconds: seconds };
  for (const { figure } of engines) {
    const name = (plain: string) =>
      figure === ours.figure ? plain : `${figure}${plain[0]?.toUpperCase()}${plain.slice(1)}`;
    const its = <Result extends { readonly figure: string }>(results: readonly Result[]) =>
      results.filter((result) => result.figure === figure);
    const pressure = [...its(strain), ...its(open)];
    const [grown] = its(growth);
    const [opened] = its(open);
    Object.assign(figures, {
      [name('chaosHeld')]: its(chaos).filter(({ isHeld }) => isHeld).length,
      [name('chaosOf')]: its(chaos).length,
      [name('missing')]: its(chaos).reduce((sum, { missing }) => sum + missing, 0),
      [name('sentTwice')]: its(chaos).reduce((sum, { sentTwice }) => sum + sentTwice, 0),
      // One that never recovers counts as the time that it was waited for.
      [name('recoverSeconds')]: Math.max(
        ...its(chaos).map(({ recoverSeconds }) =>
          Math.min(recoverSeconds, longestRecoveryMs / 1000),
        ),
      ),
      [name('pressureHeld')]: pressure.filter(({ isHeld }) => isHeld).length,
      [name('pressureOf')]: pressure.length,
      [name('claimP99BeforeMs')]: opened?.claimP99BeforeMs,
      [name('claimP99OpenMs')]: opened?.claimP99OpenMs,
      [name('claimP99AfterMs')]: opened?.claimP99AfterMs,
      [name('deliveries')]: grown?.deliveries,
      [name('deliveriesPerSecond')]: grown?.perSecond,
      [name('tablesBeforeMb')]: grown?.beforeMb,
      [name('tablesHalfMb')]: grown?.halfMb,
      [name('tablesAfterMb')]: grown?.afterMb,
      [name('idleQueriesPerSecond')]: its(idle)[0]?.queriesPerSecond,
    });
    for (const [of, mb] of Object.entries(figure === ours.figure ? (grown?.tables ?? {}) : {})) {
      figures[`${of}Mb`] = mb;
    }
  }
  return figures;
}

function markdownOf({ chaos, strain, open, growth, idle, seconds }: Everything): string {
  const seen = (held: boolean) => (held ? 'yes' : 'no');
  const chaosLines = chaos.map((result) => [
    result.cell,
    result.engine,
    result.before.toFixed(1),
    Number.isFinite(result.recoverSeconds) ? `${result.recoverSeconds.toFixed(1)} s` : 'never',
    percent(result.recovery),
    result.missing,
    result.sentTwice,
    result.died,
    seen(result.isHeld),
  ]);
  const strainLines = [...strain, ...open].map(({ cell, engine, done, isHeld }) => [
    cell,
    engine,
    percent(done),
    seen(isHeld),
  ]);
  const openLines = open.map((result) => [
    result.engine,
    ms(result.claimP99BeforeMs),
    ms(result.claimP99OpenMs),
    ms(result.claimP99AfterMs),
  ]);
  const growthLines = growth.map((result) => [
    result.engine,
    result.deliveries,
    result.perSecond.toFixed(0),
    result.beforeMb.toFixed(1),
    result.halfMb.toFixed(1),
    result.afterMb.toFixed(1),
  ]);
  const idleLines = idle.map(({ engine, queriesPerSecond }) => [
    engine,
    queriesPerSecond.toFixed(1),
  ]);
  const largest = Object.entries(growth.find(({ figure }) => figure === ours.figure)?.tables ?? {})
    .map(([name, mb]) => `\`${name}\` ${mb.toFixed(1)}`)
    .join(', ');
  return `# Pressure

Two workers of each engine on one Postgres from npm, with its default settings; each delivery is an HTTP request to a server that answers at once. The engines are wired as their documentation says: pg-boss in batches of 20, with the shortest interval between two polls that it takes; graphile-worker with 20 jobs at a time, woken by notifications; ours with its defaults.

## Chaos

40 changes a second for each engine, all of them side by side. Held: within 30 s of the end of the fault deliveries are as many as before (95 %), in 3 s and in the 5 s that follow, and all that was accepted has arrived half a minute after the load ends. A worker that ends by itself is started again a second later, as a supervisor does.

${table('fault | engine | a second before | recovered after | of the rate before, then | missing | sent twice | workers that ended | held', chaosLines)}

## Pressure

One engine after the other. Held: 70 % of what came was done in the same span; with the open transaction, claims besides took at most twice as long as before.

${table('strain | engine | done | held', strainLines)}

A transaction that stays open for ${seconds} s (\`--seconds\`), 40 changes a second. 99 % of the claims were answered within:

${table('engine | before | in its last part | after it', openLines)}

## Growth

As many deliveries as fast as the engine can, without HTTP, in megabytes with indexes. What has ended may be deleted after a second; with the defaults it is kept: a week by ours and by pg-boss. graphile-worker deletes a job as it ends.

${table('engine | deliveries | a second | before | at half | after', growthLines)}

Ours after the last delivery: ${largest}.

## Idle load

Statements a second of one worker that has nothing to do:

${table('engine | statements a second', idleLines)}
`;
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

const ms = (value: number) => `${value.toFixed(1)} ms`;
