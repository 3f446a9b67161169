import { isUtf8 } from 'node:buffer';
import { readFile, stat } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { types } from 'node:util';
import {
  defineLifecycle,
  LifecycleDefinitionError,
  type Lifecycle,
  type LifecycleOptions,
} from '@ticket-lifecycle/core';
import type { AnyStateMachine } from 'xstate';
import { CliError } from '../cli-error.ts';
import { exitCodes } from '../exit-code.ts';
import { DuplicateKeyError, parseJson } from '@ticket-lifecycle/internal/histories/json/parse-json';
import { unreadable, visible } from '../rows/input.ts';
import { readSmallFile } from '../rows/small-file.ts';
import { keepForeignCodeApart } from './foreign-code.ts';
import { printable } from '../terminal/text.ts';
import { errorText } from '../error-text.ts';
import { checkTrusted, watchImports } from '../trusted-imports.ts';

/**
 * Reads the lifecycle of a JSON file or a module. What is wrong with it is a `CliError`.
 * `announce` is called before a module is executed.
 */
export async function readLifecycleFile(
  file: string,
  announce: () => void = () => {},
): Promise<Lifecycle> {
  const isJson = extname(file).toLowerCase() === '.json';
  const content = await contentOf(file, isJson);
  checkTrusted(file);
  announce();
  const source = isJson ? parse(file, content) : await load(file);
  const lifecycle = compile(file, source);
  checkNames(file, lifecycle);
  return lifecycle;
}

/** What is in a file, and never in a pipe: nothing may ever come out of one. */
async function contentOf(file: string, isJson: boolean): Promise<Buffer> {
  try {
    // Node.js reads a module itself.
    if ((await stat(file)).isFile()) return await (isJson ? readSmallFile(file) : readFile(file));
  } catch (error) {
    throw error instanceof CliError ? error : unreadable(file, error);
  }
  throw new CliError(`${visible(file)} is not a file.`);
}

/** What a definition may say: the lifecycle itself, or the parts of one. */
interface Source {
  readonly definition: unknown;
  readonly options: LifecycleOptions;
}

function parse(file: string, bytes: Buffer): Source {
  if (!isUtf8(bytes)) throw unusable(file, 'is not valid UTF-8. Save it as UTF-8.');
  const text = bytes.toString('utf8').replace(/^\u{FEFF}/u, '');
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    const isSound = error instanceof DuplicateKeyError;
    throw unusable(file, isSound ? error.message : `is not valid JSON: ${errorText(error)}`);
  }
  if (!isObject(value)) throw unusable(file, `holds ${kindOf(value)}. ${expected}`);
  const { machine = value } = value;
  return { definition: machine, options: optionsOf(value) };
}

async function load(file: string): Promise<Source> {
  const stuck = Promise.withResolvers<never>();
  // Nothing is left that could end the loading, nor that would keep this process alive.
  const giveUp = () => stuck.reject(new Error('it waits for what never comes.'));
  process.once('beforeExit', giveUp);
  try {
    keepForeignCodeApart();
    return await Promise.race([loadModule(file), stuck.promise]);
  } catch (error) {
    throw isError(error) && error instanceof CliError ? error : unusable(file, whyNotLoaded(error));
  } finally {
    process.off('beforeExit', giveUp);
  }
}

async function loadModule(file: string): Promise<Source> {
  const { href } = pathToFileURL(resolve(file));
  watchImports(href);
  const exported = exportsOf(await import(href));
  // It may be a promise, of a machine that is fetched or built.
  const definition = await (exported['default'] ?? exported['lifecycle'] ?? exported['machine']);
  if (definition === undefined) {
    const names = Object.keys(exported);
    const instead = names.length === 0 ? 'nothing' : `only ${names.join(', ')}`;
    throw unusable(file, `exports ${instead}. ${expected}`);
  }
  return { definition, options: optionsOf(exported) };
}

type Exports = Readonly<Record<string, unknown>>;

/** What a module exports by name. One in CommonJS comes whole as well, as the default. */
function exportsOf(module: Exports): Exports {
  const { default: whole } = module;
  if (!isObject(whole) || isLifecycle(whole)) return module;
  const isWhole =
    whole['__esModule'] === true ||
    ['lifecycle', 'machine'].some(
      (name) => whole[name] !== undefined && whole[name] === module[name],
    );
  return isWhole ? whole : module;
}

function whyNotLoaded(error: unknown): string {
  if (!isError(error)) return `can't be loaded: ${errorText(error)}`;
  if (LifecycleDefinitionError.is(error)) return faultsOf(error);
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case 'ERR_UNKNOWN_FILE_EXTENSION':
      return `can't be loaded by Node.js ${process.versions.node}: for TypeScript it takes 22.18 or later.`;
    case 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX':
      return `holds TypeScript that is more than types (such as enum), which Node.js does not run: ${message}`;
    default:
      return `can't be loaded: ${errorText(error)}`;
  }
}

const expected =
  'It takes what defineLifecycle gives, an XState machine, or its JSON config, as the default export or as "lifecycle" or "machine".';

function compile(file: string, { definition, options }: Source): Lifecycle {
  if (!isObject(definition)) throw unusable(file, `exports ${kindOf(definition)}. ${expected}`);
  try {
    if (isLifecycle(definition)) return definition;
    // Whatever it is, it is checked there, and every fault is named.
    return defineLifecycle(definition as unknown as AnyStateMachine, options);
  } catch (error) {
    // XState has words of its own for what is not a config at all, and so has a getter that throws.
    throw isError(error) && LifecycleDefinitionError.is(error)
      ? unusable(file, faultsOf(error))
      : unusable(file, `is not a valid lifecycle: ${errorText(error)} ${expected}`);
  }
}

/** Names are shown as they are, and some of these would drive a terminal. */
function checkNames(file: string, { states, events }: Lifecycle): void {
  const odd = [...states, ...events].find((name) => printable(name) !== name);
  if (odd === undefined) return;
  throw unusable(
    file,
    `is not a valid lifecycle: the name ${JSON.stringify(odd)} has control characters.`,
  );
}

/** By what it can do: it may come from another copy of our package, or an older one. */
function isLifecycle(value: unknown): value is Lifecycle {
  return (
    isObject(value) &&
    typeof value['fingerprint'] === 'string' &&
    Array.isArray(value['states']) &&
    Array.isArray(value['events']) &&
    ['explain', 'plan', 'observe', 'replay', 'edgesOf', 'targetsOf'].every(
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
  return `is not a valid lifecycle:\n${faults.map(({ path, message }) => `  ${path}: ${message}`).join('\n')}`;
}

// Unlike `instanceof` it asks nothing of a Proxy, which may throw at any question.
const isError = (value: unknown): value is Error => types.isNativeError(value);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const kindOf = (value: unknown): string =>
  value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;

function unusable(file: string, what: string): CliError {
  // A module's own words may span lines; they are shown, but drive no terminal.
  const lines = what.split('\n').map(printable);
  return new CliError(`${file} ${lines.join('\n')}`, exitCodes.unreadable);
}
