import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { parseArgs } from 'node:util';
import type { Benchmark, BenchmarkOptions } from './benchmark.ts';

// A benchmark is found by its file, so that adding one touches nothing else.
const suffix = '.bench.ts';
const files = new Map(
  readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(suffix))
    .map((file) => [basename(file, suffix), file]),
);
const names = [...files.keys()].toSorted();
const usage = `Usage: npm run bench -- NAME [--json] [--seed N] [--cases N] [--seconds N]
NAME is one of ${names.join(', ')}. With --json the last line holds the figures.
The adversary draws N cases by lot; the same seed draws the same ones. The transaction that
pressure leaves open stays so for N seconds.
For simulate: [--seeds N] [--from N] [--store postgres|memory] [--only SCHEDULE]: how many seeds,
from which one, on which store instead of both, and what is left of the schedule of a seed.`;

process.exitCode = await main();

async function main(): Promise<number> {
  const asked = readArguments();
  if (asked === undefined) return 2;
  const { run } = (await import(`./${files.get(asked.name)}`)) as { run: Benchmark };
  const { name: _, json, ...options } = asked;
  const { markdown, figures } = await run({ progress: say, ...options });
  process.stdout.write(`${markdown.trimEnd()}

${measuredNow()}
`);
  if (json) process.stdout.write(`${JSON.stringify({ bench: asked.name, figures })}\n`);
  return 0;
}

interface Asked extends Omit<BenchmarkOptions, 'progress'> {
  readonly name: string;
  readonly json: boolean;
}

function readArguments(): Asked | undefined {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: {
        json: { type: 'boolean', default: false },
        seed: { type: 'string' },
        cases: { type: 'string' },
        seconds: { type: 'string' },
        seeds: { type: 'string' },
        from: { type: 'string' },
        store: { type: 'string' },
        only: { type: 'string' },
      },
    });
    const [name = '', ...rest] = positionals;
    const { json } = values;
    const seed = countOf('seed', values.seed);
    const cases = countOf('cases', values.cases);
    const seconds = countOf('seconds', values.seconds);
    const seeds = countOf('seeds', values.seeds);
    const from = countOf('from', values.from);
    const { only, store } = values;
    if (store !== undefined && store !== 'postgres' && store !== 'memory') {
      throw new Error(`--store must be postgres or memory, received "${store}".`);
    }
    if (rest.length === 0 && names.includes(name)) {
      return { name, json, seed, cases, seconds, seeds, from, store, only };
    }
    say(name === '' ? usage : `There is no benchmark "${positionals.join(' ')}".\n${usage}`);
  } catch (error) {
    say(`${error instanceof Error ? error.message : String(error)}\n${usage}`);
  }
  return undefined;
}

function countOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const count = Number(text);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new Error(`--${name} must be a whole number above 0, received "${text}".`);
}

/** The line by which a report that is kept shows its age. */
function measuredNow(): string {
  const git = (...words: string[]) => spawnSync('git', words, { encoding: 'utf8' }).stdout ?? '';
  const commit = git('rev-parse', '--short=7', 'HEAD').trim() || 'unknown';
  // The report itself is being written there.
  const besides = ['--', ':/', ':(top,exclude)docs/data'];
  const changed = git('status', '--porcelain', '--untracked-files=no', ...besides);
  const changes = changed === '' ? '' : ', with changes';
  return `Measured on ${new Date().toISOString().slice(0, 10)} at commit ${commit}${changes}.`;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
