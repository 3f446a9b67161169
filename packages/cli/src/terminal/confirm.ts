import { createInterface } from 'node:readline/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import type { Terminal } from './terminal.ts';

/**
 * Asks the person at the terminal once whether to go on. Without a terminal it refuses, unless
 * `--yes` was given.
 */
export async function confirm(
  question: string,
  {
    yes,
    signal,
    otherwise = 'Add --yes to go on without a question. --dry-run shows what would happen.',
  }: {
    readonly yes: boolean;
    readonly signal: AbortSignal;
    /** What to do without a terminal. */
    readonly otherwise?: string;
  },
  { messages }: Terminal,
): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new CliError(`${question}\nThis is not a terminal, so there is no answer. ${otherwise}`);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const abandoned = new AbortController();
  let isInterrupted = false;
  // The terminal is in raw mode here: Ctrl-C is a letter, and no signal.
  terminal.once('SIGINT', () => {
    isInterrupted = true;
    abandoned.abort();
  });
  terminal.once('close', () => abandoned.abort());
  try {
    const signals = AbortSignal.any([signal, abandoned.signal]);
    const answer = await terminal.question(`${question} [y/N] `, { signal: signals });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } catch (error) {
    if ((error as Error).name !== 'AbortError') throw error;
    messages.show('');
    if (signal.aborted) return;
  } finally {
    terminal.close();
  }
  const code = isInterrupted ? exitCodes.interrupted : exitCodes.usage;
  throw new CliError('Not confirmed: nothing was sent.', code);
}
