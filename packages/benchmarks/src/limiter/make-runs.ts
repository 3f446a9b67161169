import { setTimeout as sleep } from 'node:timers/promises';
import { startChild, type Child } from '../child.ts';
import { seededRandom } from '../seeded-random.ts';
import type { ClientAnswer, ClientQuestion } from './client.process.ts';
import type { Run } from './runs.ts';
import type { ServerAnswer, ServerQuestion } from './server.process.ts';

/** A run and what came of it. */
export interface Ran extends Run, Omit<ServerAnswer, 'requests'> {
  readonly seen: number;
  readonly steppedTo: readonly string[];
}

type Client = Child<ClientQuestion, ClientAnswer>;

const nothing: ClientQuestion = {
  contestant: 'ticket-lifecycle, paced',
  url: '',
  workload: 'backlog',
  from: 0,
  requests: 0,
  seed: 0,
};

const startClient = (): Client => startChild(new URL('client.process.ts', import.meta.url));

/**
 * Makes runs side by side: each alone in its process, and all servers in a process of their own.
 * Most of a run is waiting.
 */
export async function makeRuns(
  runs: readonly Run[],
  sideBySide: number,
  progress: (text: string) => void,
): Promise<Ran[]> {
  const servers: Child<ServerQuestion, ServerAnswer> = startChild(
    new URL('server.process.ts', import.meta.url),
  );
  const left = [...runs];
  const done: Ran[] = [];

  async function work(first: Client, index: number): Promise<void> {
    // Begun together, all would send at the same moments.
    await sleep(index * 37);
    let client = first;
    for (let run = left.shift(); run !== undefined; run = left.shift()) {
      const { limit, burst, delayMs, seed } = run;
      const start = { kind: 'start', limit, burst, delayMs, seed, tickets: run.requests } as const;
      const { url } = await servers.ask(start);
      const question = { ...run, url, from: 0 };
      const answer =
        run.workload === 'restart'
          ? await restart(client, question, (next) => {
              client = next;
            })
          : await client.ask(question);
      const { requests: seen, ...server } = await servers.ask({ kind: 'stop', url });
      done.push({ ...run, ...server, seen, steppedTo: answer.steppedTo });
      if (done.length % 20 === 0) progress(`${done.length} of ${runs.length} runs`);
    }
    client.kill();
  }

  const clients = Array.from({ length: sideBySide }, startClient);
  // Processes that start take the processor from runs, so all have to be there before the first.
  await Promise.all(clients.map((client) => client.ask(nothing)));
  await Promise.all(clients.map(work));
  servers.kill();
  return done;
}

/** Kills the process in the middle of its work; the next one starts at once, and knows nothing. */
async function restart(
  client: Client,
  question: ClientQuestion,
  replace: (next: Client) => void,
): Promise<ClientAnswer> {
  const half = question.requests / 2;
  void client.ask({ ...question, workload: 'backlog', requests: half });
  // Its own half takes four seconds, so it is killed at work.
  await sleep(1500 + seededRandom(question.seed)() * 2000);
  client.kill();
  const next = startClient();
  replace(next);
  return next.ask({ ...question, workload: 'backlog', from: half, requests: half });
}
