import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import type { Lifecycle } from '@ticket-lifecycle/core';
import {
  checkMarkdown,
  DiagramError,
  refreshDrawing,
  refreshMarkdown,
  toDot,
  toMermaid,
  toSvg,
  type TransitionCount,
  unusedMarkers,
} from '@ticket-lifecycle/diagram';
import { CliError } from '../../cli-error.ts';
import { writeErrorText } from '../../error-text.ts';
import { exitCodes } from '../../exit-code.ts';
import { unreadable } from '../../rows/input.ts';
import type { DrawingTexts } from './drawing-texts.ts';
import { watchImports } from '../../trusted-imports.ts';

/** What draws each format as text. */
export const draw = { svg: toSvg, mermaid: toMermaid, dot: toDot } as const;

export type DiagramFormat = keyof typeof draw | 'png';

/** What is drawn into a file. */
export interface FileOptions {
  readonly format?: DiagramFormat | undefined;
  readonly at?: string | undefined;
  readonly context?: unknown;
  readonly title?: string | undefined;
  readonly direction?: 'right' | 'down' | undefined;
  readonly guards?: 'names' | 'none' | undefined;
  readonly group?: boolean | undefined;
  /** For an SVG alone. */
  readonly width?: number | undefined;
  /** For an SVG alone. */
  readonly playable?: boolean | undefined;
  readonly name?: string | undefined;
  readonly counts?: readonly TransitionCount[] | undefined;
  /** What the definition exports for its drawings. */
  readonly texts?: DrawingTexts | undefined;
}

/** The options of a drawing that were given. */
export function drawingOf(options: FileOptions) {
  const { at, context, title, direction, guards, width, playable, counts } = options;
  // Without --no-group the library decides.
  const group = options.group === false ? false : undefined;
  const { guardLabels, messages, words } = options.texts ?? {};
  const shown = { at, context, title, direction, guards, group, width, playable, counts };
  const given = { ...shown, guardLabels, messages, words };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as typeof given;
}

/** A file as it should be. */
export interface Refreshed {
  readonly file: string;
  readonly isFresh: boolean;
  /** Where something is stale, from 1. */
  readonly lines: readonly number[];
  /** Sentences about what looks like a marker and is none. */
  readonly notes: readonly string[];
  /** Whether the file was drawn by something that keeps no options. */
  readonly keepsNothing?: boolean;
  readonly save: () => Promise<void>;
}

const formatOf: Readonly<Record<string, DiagramFormat>> = {
  '.svg': 'svg',
  '.png': 'png',
  '.mmd': 'mermaid',
  '.mermaid': 'mermaid',
  '.dot': 'dot',
  '.gv': 'dot',
};
const pages = ['.md', '.mdx', '.markdown'];

const imageOptions = { width: ['svg', 'png'], playable: ['svg'] } as const;

const takes = (option: keyof typeof imageOptions, format: DiagramFormat | undefined): boolean =>
  imageOptions[option].some((one) => one === format);

/** Refuses an option that is for images where no file is one. */
export function checkImageOptions(files: readonly string[], options: FileOptions): void {
  const formats = files.map((file) => formatOf[extname(file).toLowerCase()]);
  for (const option of ['width', 'playable'] as const) {
    if (options[option] === undefined || formats.some((format) => takes(option, format))) continue;
    throw new CliError(`--${option} is for an SVG, and no file here is one: ${files.join(', ')}.`);
  }
}

/** Knows by a file's name what is drawn into it, and refuses what makes no sense. */
export function diagramFile(
  file: string,
  options: FileOptions,
): { readonly refresh: (lifecycle: Lifecycle) => Promise<Refreshed> } {
  const extension = extname(file).toLowerCase();
  const { format, name } = options;
  const { width, playable, ...drawing } = drawingOf(options);
  if (pages.includes(extension)) {
    if (format === 'svg' || format === 'png') {
      throw new CliError(
        `${file}: Markdown shows no ${format.toUpperCase()} of its own. Write it to a .${format} file and link that.`,
      );
    }
    return {
      refresh: (lifecycle) => refreshPage(file, lifecycle, { format, name, ...drawing }),
    };
  }
  const own = Object.hasOwn(formatOf, extension) ? formatOf[extension] : undefined;
  if (own === undefined) {
    const known = [...pages, ...Object.keys(formatOf)].join(', ');
    throw new CliError(
      `${file}: cannot hold a diagram. Expected a name that ends in one of ${known}.`,
    );
  }
  if (format !== undefined && format !== own) {
    throw new CliError(`${file}: its name says ${own}, and --format says ${format}.`);
  }
  if (name !== undefined) {
    throw new CliError(`${file}: --name is for blocks in Markdown, and this is a diagram whole.`);
  }
  return {
    refresh: (lifecycle) =>
      refreshWhole(file, lifecycle, own, {
        ...drawing,
        ...(takes('width', own) ? { width } : {}),
        ...(takes('playable', own) ? { playable } : {}),
      }),
  };
}

async function refreshPage(
  file: string,
  lifecycle: Lifecycle,
  options: Parameters<typeof refreshMarkdown>[2],
): Promise<Refreshed> {
  const text = await readText(file);
  if (text === undefined) throw unreadable(file, { code: 'ENOENT' });
  try {
    const blocks = checkMarkdown(text, lifecycle, options);
    const notes = unusedMarkers(text).map(({ line, fenceLine }) =>
      exampleNote(file, line, fenceLine),
    );
    if (blocks.length === 0) throw noBlock(file, options?.name, notes);
    const lines = blocks.filter(({ isFresh }) => !isFresh).map(({ line }) => line);
    const save = () => write(file, refreshMarkdown(text, lifecycle, options));
    return { file, isFresh: lines.length === 0, lines, notes, save };
  } catch (error) {
    if (!DiagramError.is(error) || error.line === undefined) throw error;
    const what = error.message
      .replace(/^\w+: the diagram marker on line \d+ /, 'this diagram marker ')
      .replace(/^\w+: /, '');
    throw new CliError(`${file}:${error.line}: ${what}`, exitCodes.unreadable);
  }
}

async function refreshWhole(
  file: string,
  lifecycle: Lifecycle,
  format: DiagramFormat,
  options: Parameters<typeof toSvg>[1],
): Promise<Refreshed> {
  if (format === 'png') return refreshImage(file, lifecycle, options);
  const text = await readText(file);
  let drawn: string;
  try {
    drawn = await refreshDrawing(text ?? '', lifecycle, { ...options, format });
  } catch (error) {
    if (!DiagramError.is(error) || error.code === 'no-layout') throw error;
    throw new CliError(`${file}: ${error.message.replace(/^\w+: /, '')}`);
  }
  const isFresh = text === drawn;
  return {
    file,
    isFresh,
    lines: isFresh ? [] : [1],
    notes: [],
    keepsNothing: text !== undefined && !/ticket-lifecycle diagram [^\n]*\s*$/.test(text),
    save: () => write(file, drawn),
  };
}

/** An image depends on the fonts of the machine, so it is drawn anew and never compared. */
async function refreshImage(
  file: string,
  lifecycle: Lifecycle,
  options: Parameters<typeof toDot>[1],
): Promise<Refreshed> {
  // Loaded for it alone: the renderer is a package that most people do without.
  watchImports();
  const { toPng } = await import('@ticket-lifecycle/diagram/png');
  const image = await toPng(lifecycle, options).catch((error: unknown) => {
    // Why the renderer may not be loaded is not that it is missing.
    throw DiagramError.is(error) && error.cause instanceof CliError ? error.cause : error;
  });
  return { file, isFresh: false, lines: [1], notes: [], save: () => write(file, image) };
}

async function write(file: string, content: string | Uint8Array): Promise<void> {
  await writeFile(file, content).catch((error: unknown) => {
    throw new CliError(`--write: ${file} can't be written: ${writeErrorText(error)}.`);
  });
}

/** A file's text, or `undefined` for a file that is not there. */
async function readText(file: string): Promise<string | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = await readFile(file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, error);
  }
  try {
    // What is not ours in a file is written back as it was, its byte order mark too.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new CliError(`${file} is not valid UTF-8. Save it as UTF-8.`, exitCodes.unreadable);
  }
}

function exampleNote(file: string, line: number, fenceLine: number | undefined): string {
  const where =
    fenceLine === undefined ? 'code or a comment' : `the code that begins on line ${fenceLine}`;
  return `${file}:${line}: this marker is inside ${where}, so it is an example`;
}

function noBlock(file: string, name: string | undefined, notes: readonly string[]): CliError {
  const words =
    name === undefined ? 'ticket-lifecycle diagram' : `ticket-lifecycle diagram ${name}`;
  const [open, close] = file.toLowerCase().endsWith('.mdx') ? ['{/*', '*/}'] : ['<!--', '-->'];
  return new CliError(
    `${file} has no block for a diagram. Add these two lines where the diagram belongs:\n  ${open} ${words} ${close}\n  ${open} /${words} ${close}${notes.map((note) => `\n${note}`).join('')}`,
    exitCodes.unreadable,
  );
}
