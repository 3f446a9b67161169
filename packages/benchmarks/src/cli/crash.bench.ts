import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crash, type Crashed } from '../../../cli/test/support/crash.ts';
import { lateWrites, type LateWritesOptions } from '../../../cli/test/support/late-writes.ts';
import type { Benchmark } from '../benchmark.ts';
import { table } from '../table.ts';
import { bin } from './run-process.ts';

const kills = 100;
const fullDisk = pathToFileURL(
  join(import.meta.dirname, '../../../cli/test/support/full-disk.mjs'),
).href;

// Servers that make a change so late after it came in, and a pause after a 429: each before a run
// that is killed ten times and goes on at once.
const lateServers: Readonly<Record<string, Pick<LateWritesOptions, 'delayMs' | 'pauseSeconds'>>> = {
  after0s: { delayMs: 0 },
  after3s: { delayMs: 3000 },
  after9s: { delayMs: 9000 },
  after25s: { delayMs: 25_000 },
  paused15s: { delayMs: 3000, pauseSeconds: 15 },
};

/** Kills runs before servers that write late. All at once: they wait most of the time. */
async function killBeforeLateServers(progress: (text: string) => void) {
  const ended = await Promise.all(
    Object.entries(lateServers).map(async ([name, server]) => {
      const folder = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-late-'));
      try {
        const late = await lateWrites({
          command: [process.execPath, bin],
          folder,
          lines: 20,
          kills: 10,
          ...server,
          random: Math.random,
          progress: (text) => progress(`${name}, ${text}`),
        });
        return [name, late] as const;
      } finally {
        rmSync(folder, { recursive: true });
      }
    }),
  );
  const rows = ended.map(([name, { lines, kills: times, lives, writes, twice, lastCode }]) => ({
    name,
    numbers: { lines, kills: times, lives, writes, twice, lastExitCode: lastCode ?? -1 },
  }));
  const figures = Object.fromEntries(
    rows.flatMap(({ name, numbers }) =>
      Object.entries(numbers).map(([key, value]) => [`${name}.${key}`, value]),
    ),
  );
  const header = `server | ${Object.keys(rows[0]?.numbers ?? {}).join(' | ')}`;
  const lines = rows.map(({ name, numbers }) => [name, ...Object.values(numbers)]);
  return { figures, markdown: table(header, lines) };
}

/**
 * Kills a run of 2,000 changes a hundred times at random moments, and fills its disk in every third
 * life, before a sandbox with faults in another process.
 */
export const run: Benchmark = async ({ progress }) => {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-crash-'));
  let fullDisks = 0;
  let crashed: Crashed;
  try {
    crashed = await crash({
      command: [process.execPath, bin],
      folder,
      tickets: 500,
      kills,
      random: Math.random,
      env: (life) => {
        if (life % 3 !== 2) return {};
        fullDisks += 1;
        const bytes = String(200 + Math.floor(Math.random() * 8000));
        return { NODE_OPTIONS: `--import ${fullDisk}`, DISK_BYTES: bytes };
      },
      progress,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
  const late = await killBeforeLateServers(progress);
  const figures = {
    lines: crashed.lines,
    kills: crashed.kills,
    fullDisks,
    lives: crashed.lives,
    faults: crashed.faults,
    wrongTickets: crashed.wrongTickets.length,
    wrongLines: crashed.wrongLines.length,
    tornLines: crashed.tornLines,
    lastExitCode: crashed.lastCode ?? -1,
  };
  const markdown = `## A run of ${figures.lines.toLocaleString('en')} changes, killed at ${figures.kills} random moments

${table('what | number', Object.entries(figures))}

A ticket is wrong if the sandbox's record of it is not exactly what its lines ask for, each change once; a line is wrong if the journal has not exactly one final outcome of it.

## Runs before servers that make a change late, killed and gone on with at once

${late.markdown}

Every line is to be written once: \`writes\` is \`lines\`, and \`twice\` is 0.
`;
  return { markdown, figures: { ...figures, ...late.figures } };
};
