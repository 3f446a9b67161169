import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { crash, type Crashed } from '../../../cli/test/support/crash.ts';
import type { Benchmark } from '../benchmark.ts';
import { table } from '../table.ts';
import { bin } from './run-process.ts';

const kills = 100;
const fullDisk = pathToFileURL(
  join(import.meta.dirname, '../../../cli/test/support/full-disk.mjs'),
).href;

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
`;
  return { markdown, figures };
};
