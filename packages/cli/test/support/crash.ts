import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startSandbox, type FaultKind } from '@ticket-lifecycle/sandbox';

// A run of changes that is killed again and again, and what the sandbox has to say of it in the
// end. The tests do it in short, the benchmark in full.

/** What to do to the command line. */
export interface CrashOptions {
  /** The program and its first arguments. */
  readonly command: readonly string[];
  /** An empty folder of our own. */
  readonly folder: string;
  readonly tickets: number;
  /** Kills, at random moments. */
  readonly kills: number;
  /** From 0 to 1, random or not. */
  readonly random: () => number;
  /** Further variables of the environment, for every life but the last. */
  readonly env?: (life: number) => Readonly<Record<string, string>>;
  readonly progress?: (text: string) => void;
}

/** What was found in the end. */
export interface Crashed {
  readonly lines: number;
  readonly lives: number;
  readonly kills: number;
  /** Tickets whose system messages are not exactly those of their lines. */
  readonly wrongTickets: readonly string[];
  /** Lines of the file without exactly one final outcome in the journal. */
  readonly wrongLines: readonly number[];
  /** Lines of the journal that are not JSON. */
  readonly tornLines: number;
  readonly faults: number;
  readonly lastCode: number | null;
  readonly lastStderr: string;
}

const steps = [
  ['START', 'open', 'in-progress'],
  ['RESOLVE', 'in-progress', 'resolved'],
  ['CLOSE', 'resolved', 'closed'],
  ['REOPEN', 'closed', 'open'],
] as const;

// Each of these leaves a change that is in the end either surely made or surely not.
const faults: readonly FaultKind[] = [
  'reset-before-reading',
  'reset-after-applying',
  'lost-after-applying',
  'cut-body',
  '429-with-seconds',
  '500-after-applying',
  '503-before-applying',
  '504-after-applying',
  'empty-200',
  'wrong-content-type',
];

/** Applies a file of changes through many deaths, and compares with the sandbox's own record. */
export async function crash(options: CrashOptions): Promise<Crashed> {
  const { folder, kills, random, progress = () => {} } = options;
  const ids = Array.from({ length: options.tickets }, (_, index) => `TICKET-${1000 + index}`);
  const { url, sandbox, close } = await startSandbox({
    tickets: ids.map((ticketId) => ({ ticketId })),
    requestsPerSecond: 500,
    limit: 'none',
    delayMs: { beforeCounting: [0, 15], beforeAnswering: [0, 15] },
  });
  sandbox.faults.rate(0.05, { seed: Math.floor(random() * 1e6), faults });
  const changes = join(folder, 'changes.ndjson');
  const journal = join(folder, 'changes.journal');
  const lines = linesOf(ids);
  writeFileSync(changes, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));

  // Calm enough to come to an end, and quick to settle what was cut off.
  const pace = ['--requests-per-second', '500', '--concurrency', '8', '--timeout', '1s'];
  let lives = 0;
  let killed = 0;
  let end: { code: number | null; stderr: string };
  try {
    for (;;) {
      const start = lives === 0 ? ['--journal', journal] : ['--resume', journal];
      const args = ['apply', changes, ...start, '--plan', '--base-url', url, ...pace, '--json'];
      const isKilled = killed < kills;
      end = await live(args, isKilled, isKilled ? options.env?.(lives) : undefined);
      lives += 1;
      if (isKilled && end.code === null) killed += 1;
      progress(`life ${lives}: ${sandbox.systemMessages.length} changes made, ${killed} kills`);
      // Before the head is on the disk, there is nothing to go on with.
      if (/it is empty|does not exist/.test(end.stderr)) lives = 0;
      if (end.code === 0 || lives > kills * 3 + 20) break;
    }
    return {
      ...examine(journal, lines),
      lines: lines.length,
      lives,
      kills: killed,
      wrongTickets: ids.filter((id) => messagesOf(id) !== expectedOf(id, lines)),
      faults: Object.values(sandbox.record().faults).reduce((sum, count) => sum + count, 0),
      lastCode: end.code,
      lastStderr: end.stderr,
    };
  } finally {
    await close();
  }

  function messagesOf(id: string): string {
    return sandbox.systemMessages
      .filter(({ ticketId }) => ticketId === id)
      .map(({ to }) => to)
      .join();
  }

  async function live(args: readonly string[], isKilled: boolean, env = {}) {
    const [program = '', ...first] = options.command;
    const child = spawn(program, [...first, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', ...env },
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    const closed = once(child, 'close') as Promise<[number | null]>;
    if (isKilled) await untilMoment(closed);
    // Not while it is being started, most of the time: there is little to break then.
    if (isKilled) child.kill('SIGKILL');
    const [code] = await closed;
    return { code, stderr };
  }

  /** A random number of requests later, and then a little more. */
  async function untilMoment(closed: Promise<unknown>): Promise<void> {
    const moment = sandbox.record().requests + Math.floor(random() * 60);
    const state = { isOver: false };
    void closed.then(() => {
      state.isOver = true;
    });
    while (!state.isOver && sandbox.record().requests < moment) await sleep(1);
    await sleep(random() * 10);
  }
}

interface ChangeLine {
  readonly ticketId: string;
  readonly staffUserId: number;
  readonly event?: string;
  readonly from?: string;
  readonly to?: string;
  /** What it should lead to, in order. Passed over by the command line. */
  readonly events: readonly string[];
}

// Where the lines of every fifth ticket lead: one finds itself made already, the next walks two
// steps, and so again.
const walks: readonly (readonly string[])[] = [
  [],
  ['in-progress', 'resolved'],
  [],
  ['open', 'in-progress'],
];
const stops = ['open', 'resolved', 'resolved', 'in-progress'];

/** Every way to ask for a change, and the lines of a ticket far from each other. */
function linesOf(ids: readonly string[]): ChangeLine[] {
  const staffUserId = 7;
  return steps.flatMap(([event, from, to], index) =>
    ids.map((ticketId, number): ChangeLine => {
      if (number % 5 === 0) {
        return { ticketId, staffUserId, to: stops[index] ?? '', events: walks[index] ?? [] };
      }
      const line = { ticketId, staffUserId, event, events: [to] };
      return number % 2 === 0 ? line : { ...line, from };
    }),
  );
}

function expectedOf(id: string, lines: readonly ChangeLine[]): string {
  return lines
    .filter(({ ticketId }) => ticketId === id)
    .flatMap(({ events }) => events)
    .join();
}

interface JournalLine {
  readonly type: string;
  readonly line: number;
  readonly kind?: string;
  readonly last?: boolean;
  readonly error?: { readonly code?: string };
}

/** Reads the journal without any of our own code. */
function examine(file: string, lines: readonly ChangeLine[]) {
  const final = new Map<number, number>();
  let tornLines = 0;
  for (const text of readFileSync(file, 'utf8').split('\n').slice(0, -1)) {
    try {
      const entry = JSON.parse(text) as JournalLine;
      const isFinal =
        entry.type === 'outcome' &&
        entry.last === true &&
        ['confirmed', 'unchanged'].includes(entry.kind ?? '');
      if (isFinal) final.set(entry.line, (final.get(entry.line) ?? 0) + 1);
    } catch {
      tornLines += 1;
    }
  }
  const wrongLines = lines.map((_, index) => index + 1).filter((line) => final.get(line) !== 1);
  return { wrongLines, tornLines };
}
