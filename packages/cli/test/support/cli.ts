import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { inject, onTestFinished } from 'vitest';

/** The real command line, bundled from its sources (see `bundle.ts`). */
export const bin = inject('bin');

// What one run has compiled the next one need not compile again.
const NODE_COMPILE_CACHE = join(dirname(bin), 'compiled');

/** What a run of the command line has left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout, read as one JSON object a line. */
  readonly objects: () => Record<string, unknown>[];
}

/** Starts it as a process of its own. */
export function start(
  args: readonly string[],
  {
    input = '',
    env = {},
    cwd,
  }: { input?: string | Uint8Array; env?: Record<string, string>; cwd?: string } = {},
): { child: ChildProcess; ended: Promise<Ended>; untilSaid: (what: RegExp) => Promise<string> } {
  const child = spawn(process.execPath, ['--conditions=@ticket-lifecycle/source', bin, ...args], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', NODE_COMPILE_CACHE, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  // A command that ends without reading its input is fine.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const said = { stdout: '', stderr: '' };
  const seen = new EventTarget();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      seen.dispatchEvent(new Event('data'));
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      const lines = () => said.stdout.split('\n').filter((line) => line !== '');
      const objects = () => lines().map((line) => JSON.parse(line) as Record<string, unknown>);
      resolve({ code, ...said, objects });
    });
  });
  const untilSaid = (what: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const match = what.exec(said.stdout + said.stderr);
        if (match !== null) resolve(match[1] ?? match[0]);
      };
      seen.addEventListener('data', look);
      child.once('close', () =>
        reject(new Error(`It ended without saying ${what}: ${said.stderr}`)),
      );
      look();
    });
  return { child, ended, untilSaid };
}

/** Runs the command line to its end. */
export function run(...[args, options]: Parameters<typeof start>): Promise<Ended> {
  return start(args, options).ended;
}

/** A folder that is gone after the test. */
export function folder(): string {
  const directory = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return directory;
}

/** Writes a file that is gone after the test, and that nobody else can read. */
export function file(name: string, content: string | Uint8Array): string {
  const path = join(folder(), name);
  writeFileSync(path, content, { mode: 0o600 });
  return path;
}

/** NDJSON of objects. */
export const ndjson = (...objects: readonly object[]): string =>
  objects.map((object) => `${JSON.stringify(object)}\n`).join('');
