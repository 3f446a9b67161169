// Sets up, builds what the benchmarks measure, and runs one; its arguments are passed on.
import { spawnSync } from 'node:child_process';

// Only the benchmark may write to stdout: its last line is for programs.
const toStderr = ['ignore', process.stderr, 'inherit'];
const run = (command, args, stdio) => {
  const { status } = spawnSync(command, args, { stdio });
  if (status !== 0) process.exit(status ?? 1);
};
run('pnpm', ['install', '--frozen-lockfile', '--silent'], toStderr);
run('pnpm', ['run', 'build:packages'], toStderr);
run(
  process.execPath,
  [
    '--expose-gc',
    '--conditions=@ticket-lifecycle/source',
    'packages/benchmarks/src/bench.ts',
    ...process.argv.slice(2),
  ],
  'inherit',
);
