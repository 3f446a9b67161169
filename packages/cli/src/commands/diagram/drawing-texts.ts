import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { DiagramOptions } from '@ticket-lifecycle/diagram';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';

/** What a drawing says in the words of its reader. */
export type DrawingTexts = Pick<DiagramOptions, 'guardLabels' | 'messages' | 'words'>;

const names = ['guardLabels', 'messages', 'words'];

/**
 * What a module exports as `drawing` beside its lifecycle, which is loaded: nothing is executed
 * again. The drawing checks what is in it.
 */
export async function drawingTexts(file: string | undefined): Promise<DrawingTexts> {
  if (file === undefined || extname(file).toLowerCase() === '.json') return {};
  const module = (await import(pathToFileURL(resolve(file)).href)) as Record<string, unknown>;
  const { drawing = {} } = module;
  if (typeof drawing !== 'object' || drawing === null || Array.isArray(drawing)) {
    throw unusable(file, 'is not an object');
  }
  const odd = Object.keys(drawing).find((name) => !names.includes(name));
  if (odd !== undefined) throw unusable(file, `has ${JSON.stringify(odd)}`);
  return drawing;
}

const unusable = (file: string, what: string): CliError =>
  new CliError(
    `${file}: its export "drawing" ${what}. Expected an object of ${names.join(', ')}.`,
    exitCodes.unreadable,
  );
