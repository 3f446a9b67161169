#!/usr/bin/env node
import { once } from 'node:events';
import packageJson from '../package.json' with { type: 'json' };
import { ArgumentError, type Arguments, readArguments } from './arguments.ts';
import { SandboxError } from './error.ts';
import { faultKinds, faultMeanings } from './faults/fault-kinds.ts';
import type { Faults } from './faults/fault-schedule.ts';
import { limitAlgorithms } from './limits/create-rate-limit.ts';
import { startSandbox } from './start-sandbox.ts';

const usage = `Usage: ticket-lifecycle-sandbox [options]

Runs the Series ticket API on this machine, until Ctrl-C. Then it prints its record as JSON.

  --port <n>                 where to listen; 0 takes any free port (4010)
  --ticket <id>              a ticket to begin with, open; may be repeated
  --limit <algorithm>        ${[...limitAlgorithms, 'none'].join(', ')}
  --requests-per-second <n>  the limit of each key (25)
  --burst <n>                how many requests the leaky bucket takes at once (5)
  --fault <name>             the next request meets this fault; may be repeated, in order
  --fault-rate <share>       this share of all requests meets one of those faults, or any
  --seed <n>                 repeats the same random faults (1)
  --faults                   list the faults and what they do
  --help, --version
`;

process.exitCode = await main(process.argv.slice(2));

async function main(args: string[]): Promise<number> {
  try {
    const asked = readArguments(args);
    const { port, tickets, limit, requestsPerSecond, burst } = asked;
    if (asked.shows === 'help') return print(usage);
    if (asked.shows === 'version') return print(`${packageJson.version}\n`);
    if (asked.shows === 'faults') return print(faultList());
    const running = await startSandbox({
      port,
      tickets: tickets.map((ticketId) => ({ ticketId })),
      limit,
      requestsPerSecond,
      burst,
    });
    try {
      switchOn(running.sandbox.faults, asked);
      say(`The sandbox listens on ${running.url}, and shows itself there. Ctrl-C ends it.`);
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
      return print(`${JSON.stringify(running.sandbox.record())}\n`);
    } finally {
      await running.close();
    }
  } catch (error) {
    if (error instanceof ArgumentError) {
      say(`error: ${error.message}\nAdd --help to see how it is used.`);
      return 2;
    }
    if (!SandboxError.is(error)) throw error;
    say(`error: ${error.message.replace(/^startSandbox: /, '')}`);
    return 2;
  }
}

function switchOn({ next, rate }: Faults, { faults, faultRate, seed }: Arguments): void {
  if (faultRate === undefined) for (const fault of faults) next(1, fault);
  else rate(faultRate, { seed, faults: faults.length > 0 ? faults : undefined });
}

function faultList(): string {
  const width = Math.max(...faultKinds.map(({ length }) => length));
  return faultKinds.map((kind) => `${kind.padEnd(width)}  ${faultMeanings[kind]}\n`).join('');
}

function print(text: string): 0 {
  process.stdout.write(text);
  return 0;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
