import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { inject, onTestFinished, vi } from 'vitest';
import type * as Program from '../../src/program.ts';

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
    isOpen = false,
  }: {
    input?: string | Uint8Array;
    env?: Record<string, string>;
    cwd?: string;
    /** Whether more is still to be written to it. */
    isOpen?: boolean;
    /** Of `runHere`: how much comes at once. */
    pieceSize?: number;
  } = {},
): { child: ChildProcess; ended: Promise<Ended>; untilSaid: (what: RegExp) => Promise<string> } {
  const child = spawn(process.execPath, ['--conditions=@ticket-lifecycle/source', bin, ...args], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', NODE_COMPILE_CACHE, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  });
  // A command that ends without reading its input is fine.
  child.stdin.on('error', () => {});
  if (!isOpen) child.stdin.end(input);
  const said = { stdout: '', stderr: '' };
  const seen = new EventTarget();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (piece: string) => {
      said[name] += piece;
      seen.dispatchEvent(new Event('data'));
    });
  }
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (code) => {
      resolve({ code, ...said, objects: () => objectsOf(said.stdout) });
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

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs it to its end in this process, which is quicker. Not for a definition, whose code would stay, nor
 * for signals. One call after another: a process has one environment, folder and standard input.
 */
export function runHere(...[args, options = {}]: Parameters<typeof start>): Promise<Ended> {
  const ended = last.then(() => runNow(args, options));
  last = ended.catch(() => {});
  return ended;
}

async function runNow(
  args: readonly string[],
  {
    input = '',
    env = {},
    cwd = process.cwd(),
    pieceSize = 64 * 1024,
  }: NonNullable<Parameters<typeof start>[1]>,
): Promise<Ended> {
  const program = (await import(pathToFileURL(inject('program')).href)) as typeof Program;
  const unset = { SERIES_API_KEY: undefined, DATABASE_URL: undefined, FORCE_COLOR: undefined };
  for (const [name, value] of Object.entries({ ...unset, ...env })) vi.stubEnv(name, value);
  const stdin = vi.spyOn(process, 'stdin', 'get').mockReturnValue(pipe(input, pieceSize));
  const before = process.cwd();
  process.chdir(cwd);
  try {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const said = Promise.all([text(stdout), text(stderr)]);
    const code = await program.run(args, { stdout, stderr });
    stdout.end();
    stderr.end();
    const [out, err] = await said;
    return { code, stdout: out, stderr: err, objects: () => objectsOf(out) };
  } finally {
    process.chdir(before);
    stdin.mockRestore();
    vi.unstubAllEnvs();
  }
}

/** What comes in pieces, as from another process. */
function pipe(input: string | Uint8Array, size: number): typeof process.stdin {
  const bytes = Buffer.from(input);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(pieces) as typeof process.stdin;
}

const objectsOf = (lines: string) =>
  lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

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
