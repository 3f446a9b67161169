import type { Benchmark } from '../benchmark.ts';
import { soakInFakeTime } from './fake.ts';
import type { Soaked } from './load.ts';
import { soakForReal } from './real.ts';

const hours = 2;
// A change and, now and then, a read: as much as the budget has room for.
const everyMs = 50;

export const run: Benchmark = async ({ progress }) => {
  const seconds = Number(process.env['SOAK_SECONDS'] ?? 300);
  progress(`${hours} hours in fake time`);
  const fake = await soakInFakeTime({ hours, everyMs });
  progress(`${fake.changes} changes; now ${seconds} seconds in real time`);
  const real = await soakForReal(seconds, progress);
  const round = (megabytes: number) => Math.round(megabytes * 100) / 100;
  const row = (name: string, soaked: Soaked, left: string) =>
    `| ${name} | ${soaked.changes} | ${soaked.requests} | ${soaked.outcomes.get('unknown') ?? 0} | ${round(soaked.heapMb[0] ?? 0)} | ${round(soaked.heapMb.at(-1) ?? 0)} | ${round(soaked.growthMb)} | ${left} |`;
  const markdown = `## Soak

| | changes | requests | in doubt at the end | MB at first | MB at last | growth in MB | left after closing |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |
${row(`${hours} hours in fake time`, fake, `${fake.timersLeft} timers`)}
${row(`${seconds} seconds in real time`, real, `${real.timersLeft} timers, ${real.socketsLeft} sockets`)}

In real time: ${real.limited} answers of 429, and at most ${real.mostInOneSecond} requests in any second.
`;
  const figures = {
    fakeHours: hours,
    fakeChanges: fake.changes,
    fakeGrowthMb: round(fake.growthMb),
    fakeTimersLeft: fake.timersLeft,
    realSeconds: seconds,
    realChanges: real.changes,
    realGrowthMb: round(real.growthMb),
    realTimersLeft: real.timersLeft,
    realSocketsLeft: real.socketsLeft,
    real429: real.limited,
    realMaxInAnySecond: real.mostInOneSecond,
  };
  return { markdown, figures };
};
