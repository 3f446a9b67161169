import type { Lifecycle } from '@ticket-lifecycle/core';
import { DiagramError } from '@ticket-lifecycle/diagram';
import { CliError } from '../../cli-error.ts';
import { givenLogOption, type LogOptions } from '../../histories/read-log.ts';
import { loadLifecycle } from '../../lifecycle/load-lifecycle.ts';
import { drawingTexts } from './drawing-texts.ts';
import { countsIn } from './log-counts.ts';
import {
  checkImageOptions,
  diagramFile,
  draw,
  drawingOf,
  type FileOptions,
  type Refreshed,
} from './diagram-file.ts';
import { exitCodes } from '../../exit-code.ts';
import { checkState } from '../../lifecycle/check-name.ts';
import { quoted } from '../../terminal/text.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** What is asked of `diagram`. With `--no-group`, `group` is false. */
export interface DiagramCommandOptions
  extends Omit<FileOptions, 'counts' | 'texts'>, Omit<LogOptions, 'format'> {
  /** A log of tickets. */
  readonly counts?: string | undefined;
  readonly definition?: string | undefined;
  readonly check?: readonly string[] | undefined;
  readonly write?: readonly string[] | undefined;
}

/** Prints a diagram, or keeps those in files fresh. */
export async function diagram(asked: DiagramCommandOptions, terminal: Terminal): Promise<number> {
  const { output, messages } = terminal;
  const { counts: log, ...options } = asked;
  // Its own format is the one of the drawing: that of a log is recognised.
  const reading = { ...options, format: undefined };
  const { at, check, write } = options;
  const { lifecycle, file: source } = await loadLifecycle(options.definition, terminal);
  const stray = log === undefined ? givenLogOption(reading) : undefined;
  if (stray !== undefined) throw new CliError(`${stray} is for a log. Add --counts FILE.`);
  const counts = log === undefined ? undefined : await countsIn(log, lifecycle, reading, terminal);
  const texts = await drawingTexts(source);
  const drawing = { ...options, counts, texts };
  if (at !== undefined) checkState('--at', at, lifecycle);
  const files = check ?? write;
  if (options.format === 'png' && files === undefined) {
    throw new CliError('--format png is for files. Add --write lifecycle.png.');
  }
  const image = check?.find((file) => file.toLowerCase().endsWith('.png'));
  if (image !== undefined) {
    throw new CliError(
      `${image}: an image depends on the fonts of the machine. Check an SVG instead.`,
    );
  }
  if (files === undefined) {
    if (options.name !== undefined) {
      throw new CliError('--name is for blocks in files. Add --write or --check.');
    }
    for (const option of ['width', 'playable'] as const) {
      if (options[option] !== undefined && options.format !== 'svg') {
        throw new CliError(`--${option} is for an SVG. Add --format svg.`);
      }
    }
    const { format = 'mermaid' } = options;
    if (format !== 'png') await output.print((await drawn(format, drawing, lifecycle)).trimEnd());
    return exitCodes.ok;
  }

  checkImageOptions(files, options);
  // Each file is prepared before the first is written: a typo in the last must not leave half done.
  const prepared = files.map((file) => diagramFile(file, drawing));
  const refreshed: Refreshed[] = [];
  for (const { refresh } of prepared) refreshed.push(await explained(() => refresh(lifecycle)));
  for (const note of refreshed.flatMap(({ notes }) => notes)) messages.show(note);

  if (write !== undefined) {
    for (const { file, isFresh, save } of refreshed) {
      if (!isFresh) await save();
      messages.show(`${file}: ${isFresh ? 'was fresh already' : 'drawn again'}`);
    }
    return exitCodes.ok;
  }
  const stale = refreshed.filter(({ isFresh }) => !isFresh);
  for (const { file, lines } of stale) {
    for (const line of lines) await output.print(`${file}:${line}: the diagram is stale`);
  }
  if (stale.length === 0) return exitCodes.ok;
  messages.show(`\nDraw again with:\n  ${cure(asked, stale)}`);
  const [plain] = stale.filter(({ keepsNothing }) => keepsNothing === true);
  if (plain !== undefined) {
    messages.show(
      `${plain.file} keeps no options. If it was drawn with some, such as --at, add them: from then on it keeps them.`,
    );
  }
  return exitCodes.stale;
}

const drawn = (
  format: keyof typeof draw,
  options: FileOptions,
  lifecycle: Lifecycle,
): Promise<string> => explained(async () => draw[format](lifecycle, drawingOf(options)));

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
  const { check: _, write: __, group, header, context, ...others } = options;
  const json = context === undefined ? undefined : JSON.stringify(context);
  const flag = (name: string) => `--${name.replaceAll(/[A-Z]/g, (one) => `-${one.toLowerCase()}`)}`;
  const words = Object.entries({ ...others, context: json }).flatMap(([option, value]) =>
    [value ?? []]
      .flat()
      .flatMap((one) => (one === true ? [flag(option)] : [flag(option), quoted(String(one))])),
  );
  if (group === false) words.push('--no-group');
  if (header === false) words.push('--no-header');
  const files = stale.map(({ file }) => quoted(file));
  return ['ticket-lifecycle diagram', ...words, '--write', ...files].join(' ');
}
