import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  ticketLifecycle,
  type Lifecycle,
  type LifecycleOptions,
} from '@ticket-lifecycle/core';
import { lilconfig } from 'lilconfig';
import type { AnyStateMachine } from 'xstate';
import { CliError } from './cli-error.ts';
import { exitCodes } from './exit-code.ts';
import { unreadable, visible } from './input.ts';
import { printable } from './terminal.ts';

/** A lifecycle, and where it comes from. */
export interface Definition {
  readonly lifecycle: Lifecycle;
  /** The file, or `undefined` for the lifecycle that comes with this tool. */
  readonly file: string | undefined;
}

const modules = ['.ts', '.mts', '.js', '.mjs', '.cjs'];
const extensions = [...modules, '.json'];

/**
 * Loads the lifecycle that judges: that of a file, else of the `ticket-lifecycle.config.*` that is
 * nearest in this folder or one above, else the one that comes with this tool.
 */
export async function loadDefinition(given: string | undefined): Promise<Definition> {
  const file = given ?? (await findConfig());
  if (file === undefined) return { lifecycle: ticketLifecycle, file };
  const extension = extname(file).toLowerCase();
  if (!extensions.includes(extension)) {
    throw new CliError(
      `${visible(file)} is no definition by its name. It ends in ${listed(extensions)}.`,
    );
  }
  const content = await readFile(file, 'utf8').catch((error: unknown) => {
    throw unreadable(file, error);
  });
  const source = extension === '.json' ? parse(file, content) : await load(file);
  return { lifecycle: compile(file, source), file };
}

async function findConfig(): Promise<string | undefined> {
  const name = 'ticket-lifecycle';
  // Found only: loading is the same as for a file that is named.
  const found = await lilconfig(name, {
    searchPlaces: extensions.map((extension) => `${name}.config${extension}`),
    ignoreEmptySearchPlaces: false,
    loaders: Object.fromEntries(extensions.map((extension) => [extension, (path) => path])),
  }).search();
  return found?.filepath;
}

/** What a definition may say: the lifecycle itself, or the parts of one. */
interface Source {
  readonly definition: unknown;
  readonly options: LifecycleOptions;
}

function parse(file: string, content: string): Source {
  let value: unknown;
  try {
    value = JSON.parse(content.replace(/^\u{FEFF}/u, ''));
  } catch (error) {
    throw unusable(file, `is not valid JSON: ${(error as Error).message}`);
  }
  if (!isRecord(value)) throw unusable(file, `holds ${kindOf(value)}. ${expected}`);
  const { machine = value } = value;
  return { definition: machine, options: optionsOf(value) };
}

async function load(file: string): Promise<Source> {
  let exported: Readonly<Record<string, unknown>>;
  try {
    exported = (await import(pathToFileURL(resolve(file)).href)) as typeof exported;
  } catch (error) {
    throw unusable(file, whyNotLoaded(error));
  }
  const definition = exported['default'] ?? exported['lifecycle'] ?? exported['machine'];
  if (definition === undefined) {
    const names = Object.keys(exported);
    const instead = names.length === 0 ? 'nothing' : `only ${names.join(', ')}`;
    throw unusable(file, `exports ${instead}. ${expected}`);
  }
  return { definition, options: optionsOf(exported) };
}

function whyNotLoaded(error: unknown): string {
  if (LifecycleDefinitionError.is(error)) return faultsOf(error);
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return `can't be loaded by Node.js ${process.versions.node}: for TypeScript it takes 22.18 or later.`;
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return `holds TypeScript that is more than types (such as enum), which Node.js does not run: ${message}`;
    default:
      return `can't be loaded: ${message ?? String(error)}`;
  }
}

const expected =
  'It takes what defineLifecycle gives, an XState machine, or its JSON config, as the default export or as "lifecycle" or "machine".';

function compile(file: string, { definition, options }: Source): Lifecycle {
  if (isLifecycle(definition)) return definition;
  if (!isRecord(definition)) throw unusable(file, `exports ${kindOf(definition)}. ${expected}`);
  try {
    // Whatever it is, it is checked there, and every fault is named.
    return defineLifecycle(definition as unknown as AnyStateMachine, options);
  } catch (error) {
    if (LifecycleDefinitionError.is(error)) throw unusable(file, faultsOf(error));
    // XState has words of its own for what is no config at all.
    throw unusable(file, `is no lifecycle: ${(error as Error).message} ${expected}`);
  }
}

/** By what it can do: it may come from another copy of our package, or an older one. */
function isLifecycle(value: unknown): value is Lifecycle {
  return (
    isRecord(value) &&
    typeof value['fingerprint'] === 'string' &&
    ['explain', 'plan', 'observe', 'replay', 'statesWith', 'eventsBetween'].every(
      (method) => typeof value[method] === 'function',
    )
  );
}

const optionNames = ['guards', 'guardMessages', 'payloads'] as const;

/** Beside the definition: what its guards do and say, and what its events carry. */
function optionsOf(source: Readonly<Record<string, unknown>>): LifecycleOptions {
  const given = optionNames.filter((name) => source[name] !== undefined);
  return Object.fromEntries(given.map((name) => [name, source[name]]));
}

function faultsOf({ faults }: LifecycleDefinitionError): string {
  return `is no lifecycle:\n${faults.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;

const listed = (names: readonly string[]) => names.join(', ').replace(/, ([^,]*)$/, ' or $1');

function unusable(file: string, what: string): CliError {
  // A module's own words may span lines; they are shown, but drive no terminal.
  const lines = what.split('\n').map(printable);
  return new CliError(`${file} ${lines.join('\n')}`, exitCodes.unreadable);
}
