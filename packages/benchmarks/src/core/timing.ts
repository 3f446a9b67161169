import { median } from '../median.ts';
import { seededRandom } from '../seeded-random.ts';
import type { Answerer, Question } from './peers.ts';

/** Nanoseconds for each question, by the name of who answered. */
export type Timings = Readonly<Record<string, number>>;

const rounds = 15;
const roundMs = 12;

/**
 * Times answerers side by side: in every round each has its turn, so that what the machine does
 * meanwhile hits all alike, and of each the median counts.
 */
export function time(
  answerers: Readonly<Record<string, Answerer>>,
  questions: readonly Question[],
): Timings {
  const names = Object.keys(answerers);
  const answer = (name: string) => answerers[name]?.(questions) ?? Number.NaN;
  const expected = answer(names[0] ?? '');
  const repeats = new Map<string, number>();
  for (const name of names) {
    if (answer(name) !== expected) throw new Error(`${name} answers otherwise than ${names[0]}`);
    // Warm, and known by how much it does in a round.
    const started = performance.now();
    let count = 0;
    while (performance.now() - started < 10 * roundMs) {
      answer(name);
      count += 1;
    }
    repeats.set(name, Math.max(1, Math.round(count / 10)));
  }

  const samples = new Map<string, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of names) {
      const count = repeats.get(name) ?? 1;
      let sum = 0;
      const started = performance.now();
      for (let repeat = 0; repeat < count; repeat += 1) sum += answer(name);
      const tookMs = performance.now() - started;
      if (sum !== expected * count) throw new Error(`${name} changed its answers`);
      samples.get(name)?.push((tookMs * 1e6) / (count * questions.length));
    }
  }
  return Object.fromEntries([...samples].map(([name, its]) => [name, median(its)]));
}

/** Questions drawn from some, the same ones in every run: an order that no one can guess ahead. */
export function drawFrom(some: readonly Question[], count: number): Question[] {
  const random = seededRandom(42);
  return Array.from(
    { length: count },
    () => some[Math.floor(random() * some.length)] ?? { state: 'open', event: 'START' },
  );
}
