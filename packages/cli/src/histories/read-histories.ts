import type { Lifecycle } from '@ticket-lifecycle/core';
import { HistoryError } from '@ticket-lifecycle/internal/histories/history-error';
import { createHistoryReader } from '@ticket-lifecycle/internal/histories/history-reader';
import type {
  Histories,
  HistoryOptions,
  Steps,
} from '@ticket-lifecycle/internal/histories/histories';
import { headBytes } from '@ticket-lifecycle/internal/histories/sniff';
import { stat } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { openInput } from '../rows/input.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { percent, printable } from '../terminal/text.ts';
import { isStep } from './judge.ts';

const lessThan = 0x3c;

/** Reads the histories of a file, and shows how far it has come. */
export async function readHistories(
  file: string,
  lifecycle: Lifecycle,
  options: Omit<HistoryOptions, 'xes' | 'oneTicket'>,
  { output, messages }: Pick<Terminal, 'output' | 'messages'>,
): Promise<Histories> {
  const input = await openInput(file, output.closed);
  const size = file === '-' ? undefined : (await stat(file)).size;
  let bytes = 0;
  const unfollow = messages.follow(() => progressText(bytes, size));
  try {
    let reader: ReturnType<typeof createHistoryReader> | undefined;
    for await (const chunk of input.chunks) {
      reader ??= createHistoryReader(await completed(options, chunk), stepsOf(lifecycle, options));
      reader.read(chunk);
      bytes += chunk.length;
    }
    reader ??= createHistoryReader(options, stepsOf(lifecycle, options));
    return reader.end();
  } catch (error) {
    if (!(error instanceof HistoryError)) throw error;
    const text = printable(error.message);
    throw error.at === 'file'
      ? new CliError(`${input.name} ${text}`, exitCodes.unreadable)
      : new CliError(text);
  } finally {
    unfollow();
  }
}

/** The reader of XES is loaded where a file may be XES: a pipe may give no more than its first line. */
async function completed(options: HistoryOptions, chunk: Uint8Array): Promise<HistoryOptions> {
  const mayBeXes = options.format === 'xes' || chunk.subarray(0, headBytes).includes(lessThan);
  if (!mayBeXes) return options;
  const { createXesReader } = await import('@ticket-lifecycle/internal/histories/xes');
  return { ...options, xes: createXesReader };
}

function stepsOf(lifecycle: Lifecycle, { map }: HistoryOptions): Steps {
  return {
    isStep(from, to) {
      const [before, after] = [map.nameOf(from), map.nameOf(to)];
      if (before === undefined || after === undefined || before === after) return false;
      return isStep(lifecycle, before, after);
    },
    isInitial(value) {
      const name = map.nameOf(value) ?? '';
      return lifecycle.targetsOf(name).includes(lifecycle.initial);
    },
  };
}

function progressText(bytes: number, size: number | undefined): string {
  const read = `Reading: ${(bytes / 1e6).toFixed(0)} MB`;
  return size === undefined || size === 0 ? read : `${read}, ${percent(bytes / size)}`;
}
