import type { Lifecycle } from '@ticket-lifecycle/core';
import { DiagramError } from '@ticket-lifecycle/diagram';
import { CliError } from '../../cli-error.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { diagramFile, draw, type DiagramFormat, type Refreshed } from './diagram-file.ts';
import { exitCodes } from '../../exit-code.ts';
import { checkName } from '../../lifecycle/check-name.ts';
import { quoted } from '../../terminal/text.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** What is asked of `diagram`. */
export interface DiagramCommandOptions {
  readonly format?: DiagramFormat | undefined;
  readonly at?: string | undefined;
  readonly context?: unknown;
  readonly title?: string | undefined;
  readonly name?: string | undefined;
  readonly definition?: string | undefined;
  readonly check?: readonly string[] | undefined;
  readonly write?: readonly string[] | undefined;
}

/** Prints a diagram, or keeps those in files fresh. */
export async function diagram(options: DiagramCommandOptions, terminal: Terminal): Promise<number> {
  const { output, messages } = terminal;
  const { at, check, write } = options;
  const { lifecycle } = await loadLifecycle(options.definition, terminal);
  if (at !== undefined) checkName('--at', 'state', at, lifecycle.states);
  const files = check ?? write;
  if (files === undefined) {
    if (options.name !== undefined) {
      throw new CliError('--name is for blocks in files. Add --write or --check.');
    }
    await output.print((await drawn(options, lifecycle)).trimEnd());
    return exitCodes.ok;
  }

  // Each file is prepared before the first is written: a typo in the last must not leave half done.
  const prepared = files.map((file) => diagramFile(file, options));
  const refreshed: Refreshed[] = [];
  for (const { refresh } of prepared) refreshed.push(await explained(() => refresh(lifecycle)));

  if (write !== undefined) {
    for (const { file, isFresh, save } of refreshed) {
      if (!isFresh) await save();
      messages.show(`${file}: ${isFresh ? 'was fresh already' : 'drawn anew'}`);
    }
    return exitCodes.ok;
  }
  const stale = refreshed.filter(({ isFresh }) => !isFresh);
  for (const { file, lines } of stale) {
    for (const line of lines) await output.print(`${file}:${line}: the diagram is stale`);
  }
  if (stale.length === 0) return exitCodes.ok;
  messages.show(`\nDraw anew with:\n  ${cure(options, stale)}`);
  return exitCodes.stale;
}

const drawn = (
  { format = 'mermaid', at, context, title }: DiagramCommandOptions,
  lifecycle: Lifecycle,
): Promise<string> => explained(async () => draw[format](lifecycle, { at, context, title }));

/** What the library says of its options is a person's to put right as well. */
async function explained<Value>(act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    if (!DiagramError.is(error) || error.code === 'no-layout') throw error;
    throw new CliError(error.message.replace(/^\w+: /, ''));
  }
}

function cure(options: DiagramCommandOptions, stale: readonly Refreshed[]): string {
  const { definition, format, at, context, title, name } = options;
  const json = context === undefined ? undefined : JSON.stringify(context);
  const kept = Object.entries({ definition, format, at, context: json, title, name });
  const words = kept.flatMap(([option, value]) =>
    value === undefined ? [] : [`--${option}`, quoted(value)],
  );
  const files = stale.map(({ file }) => quoted(file));
  return ['ticket-lifecycle diagram', ...words, '--write', ...files].join(' ');
}
