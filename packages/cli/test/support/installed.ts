import { execFileSync, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../..', import.meta.url));
const here = (name: string) => join(packages, name);

// The gate (.ci/check.mjs) has built all packages before, and reads them meanwhile.
const isBuilt = process.env['TICKET_LIFECYCLE_IS_BUILT'] === '1';

/**
 * Builds, packs and unpacks the command line in an empty project, as an installation leaves it.
 * What other people have written is linked from this workspace, so that it takes no network.
 */
export function install(): { readonly project: string; readonly bin: string } {
  const project = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-installed-'));
  for (const name of ['sandbox', 'cli']) {
    const options = { cwd: here(name), stdio: 'pipe' } as const;
    if (!isBuilt) execFileSync('pnpm', ['exec', 'tsup', '--no-dts'], options);
    execFileSync('pnpm', ['pack', '--out', join(project, `${name}.tgz`)], options);
    const target = join(project, 'node_modules/@ticket-lifecycle', name);
    mkdirSync(target, { recursive: true });
    execFileSync('tar', [
      '-xzf',
      join(project, `${name}.tgz`),
      '--strip-components=1',
      '-C',
      target,
    ]);
    link(name, target, join(project, 'node_modules'));
  }
  const bin = join(project, 'node_modules/.bin/ticket-lifecycle');
  mkdirSync(dirname(bin));
  symlinkSync('../@ticket-lifecycle/cli/dist/bin.js', bin);
  cpSync(join(here('cli'), 'demo/changes.ndjson'), join(project, 'changes.ndjson'));
  return { project, bin };
}

/** Links what the packed package.json asks for, and nothing else. */
function link(name: string, unpacked: string, modules: string): void {
  const { dependencies = {} } = JSON.parse(
    readFileSync(join(unpacked, 'package.json'), 'utf8'),
  ) as { dependencies?: Record<string, string> };
  for (const dependency of Object.keys(dependencies)) {
    if (dependency.startsWith('@ticket-lifecycle/')) continue;
    const target = join(modules, dependency);
    mkdirSync(dirname(target), { recursive: true });
    try {
      symlinkSync(join(here(name), 'node_modules', dependency), target);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}

/** What a process has said, on whichever stream a terminal makes of two. */
export interface Said {
  readonly code: number | null;
  readonly output: string;
}

// Of util-linux: it gives its command a terminal of its own, and its exit code back.
export const script = 'script';

/** Runs a shell command through a pseudo-terminal, and answers when it asks. */
export async function inTerminal(
  command: string,
  {
    cwd,
    env = {},
    columns = 100,
    answers = [],
  }: {
    readonly cwd: string;
    readonly env?: Readonly<Record<string, string>>;
    readonly columns?: number;
    /** What to type when something was said. */
    readonly answers?: readonly (readonly [RegExp, string])[];
  },
): Promise<Said> {
  const child = spawn(script, ['-qec', `stty cols ${columns}; ${command}`, '/dev/null'], {
    cwd,
    env: { PATH: process.env['PATH'], TERM: 'xterm-256color', ...env },
  });
  const left = [...answers];
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const [next] = left;
    if (next === undefined || !next[0].test(output)) return;
    left.shift();
    child.stdin.write(next[1]);
  });
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })));
}
