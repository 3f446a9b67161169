import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { NewTicket, SandboxRecord, StartSandboxOptions } from '@ticket-lifecycle/sandbox';
import type { Change } from '../../src/index.ts';
import type { SandboxAsk, Write } from './fleet-sandbox.ts';
import type { FleetNews, FleetWorkerOptions } from './fleet-worker.ts';

const conditions = '--conditions=@ticket-lifecycle/source';

/** Starts a script of this folder, with one argument as JSON. */
export function start(script: string, argument: unknown): ChildProcess {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return fork(file, [JSON.stringify(argument)], { execArgv: ['--no-warnings', conditions] });
}

const nextMessage = <Message>(child: ChildProcess) =>
  new Promise<Message>((resolve, reject) => {
    child.once('message', (message) => resolve(message as Message));
    child.once('exit', (code) => reject(new Error(`The process ended with ${code}.`)));
  });

/** The API in a process of its own. */
export interface SandboxProcess {
  readonly url: string;
  /** Adds tickets, as many as do not fit into the arguments of a process. */
  add(tickets: readonly NewTicket[]): void;
  writes(): Promise<Write[]>;
  record(): Promise<SandboxRecord>;
  stop(): void;
}

export async function startSandboxProcess(options: StartSandboxOptions): Promise<SandboxProcess> {
  const child = start('./fleet-sandbox.ts', options);
  const url = await nextMessage<string>(child);
  let last: Promise<unknown> = Promise.resolve();
  // One question at a time, so that each gets its own answer.
  function ask<Answer>(question: SandboxAsk): Promise<Answer> {
    const answer = last.then(() => {
      const message = nextMessage<Answer>(child);
      child.send(question);
      return message;
    });
    last = answer;
    return answer;
  }
  return {
    url,
    add: (tickets) => void child.send({ add: tickets } satisfies SandboxAsk),
    writes: () => ask('writes'),
    record: () => ask('record'),
    stop: () => child.kill('SIGKILL'),
  };
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  readonly news: readonly FleetNews[];
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Lets it finish what is under way. */
  close(): Promise<void>;
}

export async function startWorkerProcess(options: FleetWorkerOptions): Promise<WorkerProcess> {
  const child = start('./fleet-worker.ts', options);
  const news: FleetNews[] = [];
  const ready = Promise.withResolvers<void>();
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.on('message', (message: FleetNews) => {
    news.push(message);
    if (message.type === 'ready') ready.resolve();
  });
  void gone.then(() => ready.reject(new Error('The worker ended before it was ready.')));
  await ready.promise;
  return {
    pid: child.pid ?? 0,
    news,
    signal: (name) => void child.kill(name),
    async close() {
      if (child.connected) child.send('close');
      await gone;
    },
  };
}

const round = [
  { event: 'START', status: 'in-progress' },
  { event: 'RESOLVE', status: 'resolved' },
  { event: 'CLOSE', status: 'closed' },
  { event: 'REOPEN', status: 'open' },
] as const;

/** The changes of some tickets, step by step, so that each moves the ticket somewhere else. */
export function workload(tickets: readonly string[], steps: number, key = 'default'): Change[] {
  return Array.from({ length: steps }, (_, step) =>
    tickets.map((ticketId) => ({
      ticketId,
      event: round[step % round.length]?.event ?? 'START',
      staffUserId: 7,
      key,
      ...(step === 0 ? { from: 'open' } : {}),
    })),
  ).flat();
}

/** What came of a workload, by what the API wrote. */
export interface Assessment {
  readonly written: number;
  /** Changes that never arrived. */
  readonly lost: number;
  /** Changes that arrived where another one should have. */
  readonly orderViolations: number;
  /** Changes that arrived twice in a row. */
  readonly duplicates: number;
}

export function assess(
  writes: readonly Write[],
  tickets: readonly string[],
  steps: number,
): Assessment {
  let lost = 0;
  let orderViolations = 0;
  let duplicates = 0;
  for (const ticket of tickets) {
    const all = writes.filter(({ ticketId }) => ticketId === ticket).map(({ status }) => status);
    const once = all.filter((status, at) => status !== all[at - 1]);
    duplicates += all.length - once.length;
    lost += Math.max(0, steps - once.length);
    orderViolations += once.filter(
      (status, at) => status !== round[at % round.length]?.status,
    ).length;
  }
  return { written: writes.length, lost, orderViolations, duplicates };
}

export const ticketsOf = (count: number, prefix = 'TICKET') =>
  Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);

/**
 * Asks again and again until the answer is yes; the process under test can't call back. A test that
 * hangs is ended by the runner.
 */
export async function eventually(
  isSo: () => Promise<boolean>,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadline) throw new Error(`Not so within ${withinMs} ms.`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
