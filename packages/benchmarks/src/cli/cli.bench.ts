import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Benchmark } from '../benchmark.ts';
import { table } from '../table.ts';
import { writeChanges, writeHistory } from './files.ts';
import { bin, measure, type Program } from './run-process.ts';

const lines = 1_000_000;
const rounds = 5;
const timed = ['--time', 'at', '--sla', 'open=8h'];

// The plainest way to read a file of JSON lines in Node.js, and nothing else.
const readWithJsonParse = `
  import { createReadStream } from 'node:fs';
  import { createInterface } from 'node:readline';
  for await (const line of createInterface({ input: createReadStream(process.argv[1]) })) JSON.parse(line);
`;

/** Measures the installed command line, as whole processes: its start counts. */
export const run: Benchmark = async ({ progress }) => {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-bench-'));
  try {
    const changes = join(folder, 'changes.ndjson');
    const history = join(folder, 'history.ndjson');
    progress(`Writing two files of ${lines.toLocaleString('en')} lines`);
    await writeChanges(changes, lines);
    await writeHistory(history, lines);
    const parse = (file: string) => ['--input-type=module', '--eval', readWithJsonParse, file];
    const programs = {
      'JSON.parse, changes': parse(changes),
      'apply --dry-run': [bin, 'apply', changes, '--dry-run'],
      'JSON.parse, history': parse(history),
      // With all figures of the report: those of time too.
      replay: [bin, 'replay', history, ...'--id ticketId --state status'.split(' '), ...timed],
      'node -e 0': ['-e', '0'],
      '--help': [bin, '--help'],
    } satisfies Record<string, Program>;

    const results = await measure(programs, rounds, progress);
    const ratio = (ours: keyof typeof programs, theirs: keyof typeof programs) =>
      results[ours].wallMs / results[theirs].wallMs;
    const figures = {
      dryRunVsJsonParse: ratio('apply --dry-run', 'JSON.parse, changes'),
      replayVsJsonParse: ratio('replay', 'JSON.parse, history'),
      peakMb: Math.max(results['apply --dry-run'].peakMb, results.replay.peakMb),
      helpVsNode: ratio('--help', 'node -e 0'),
    };
    const rows = Object.entries(results).map(([name, { wallMs, peakMb }]) => [
      name,
      wallMs.toFixed(0),
      peakMb.toFixed(0),
    ]);
    const markdown = `## The command line on ${lines.toLocaleString('en')} lines

Whole processes, the quickest of ${rounds} rounds each, taken in turns.

${table('process | ms | peak MB', rows)}

- \`apply --dry-run\` takes ${figures.dryRunVsJsonParse.toFixed(2)} times as long as reading the file line by line with \`JSON.parse\`.
- \`replay\`, with its times and promises, takes ${figures.replayVsJsonParse.toFixed(2)} times as long.
- \`--help\` takes ${figures.helpVsNode.toFixed(2)} times as long as \`node -e 0\`.
`;
    return { markdown, figures };
  } finally {
    rmSync(folder, { recursive: true });
  }
};
