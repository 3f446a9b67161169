import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { DuplicateKeyError, parseJson } from '@ticket-lifecycle/internal/histories/json/parse-json';
import { CliError } from '../cli-error.ts';
import { errorText } from '../error-text.ts';
import { exitCodes } from '../exit-code.ts';
import { foldersOfProject } from '../project-folders.ts';
import { readSmallFile } from '../rows/small-file.ts';
import { unknownName } from '../terminal/did-you-mean.ts';
import type { Messages } from '../terminal/messages.ts';
import { printable } from '../terminal/text.ts';
import { whyNotTrusted } from '../trusted-path.ts';
import type { Destination } from './api-key.ts';
import type { RateOptions } from './rate.ts';

/** The file that holds profiles: data, and never code. */
const profilesFile = 'ticket-lifecycle.profiles.json';

/** What a profile fills in where the command line says nothing. */
export interface Profile extends Destination, Pick<RateOptions, 'rateShare'> {
  readonly staffUserId?: number;
}

/**
 * Reads the profile that `--profile` names from the file that is nearest in this folder or one above
 * in the same project. Without that option it is empty.
 *
 * @throws CliError for whatever is wrong with any profile of the file: a key in it is one too many
 */
export async function readProfile(
  { profile: name }: { readonly profile?: string | undefined },
  { messages }: { readonly messages: Pick<Messages, 'note'> },
): Promise<Profile> {
  if (name === undefined) return {};
  const file = foldersOfProject(process.cwd())
    .map((folder) => join(folder, profilesFile))
    .find((one) => existsSync(one));
  if (file === undefined) {
    throw new CliError(
      `--profile: There is no ${profilesFile} in this folder, nor above it in this project. "ticket-lifecycle help environment" shows what it holds.`,
    );
  }
  const profiles = profilesOf(file, await contentOf(file));
  const profile = profiles.get(name);
  if (profile === undefined) {
    throw new CliError(
      `--profile: ${unknownName('profile', name, [...profiles.keys()])}. See ${file}.`,
    );
  }
  messages.note(`The profile "${printable(name)}" comes from ${file}.`);
  return profile;
}

/** Fills in what a profile says of where and how fast to send. What is given goes before it. */
export async function withProfile<Options extends { readonly profile?: string | undefined }>(
  options: Options,
  terminal: { readonly messages: Pick<Messages, 'note'> },
): Promise<Options & Profile> {
  const { staffUserId: _, ...profile } = await readProfile(options, terminal);
  return fillIn(profile, options);
}

/** Fills in what is not given. Only what comes from the profile has a place there. */
export function fillIn<Options extends object>(
  { places = {}, ...profile }: Profile,
  options: Options,
): Options & Profile {
  const used = Object.entries(places).filter(([field]) => !Object.hasOwn(options, field));
  return { ...profile, places: Object.fromEntries(used), ...options };
}

async function contentOf(file: string): Promise<string> {
  // It decides where the key goes.
  const why = whyNotTrusted(file);
  if (why === undefined) return (await readSmallFile(file)).toString('utf8');
  throw new CliError(
    `${file} is not used, because another user may have written it. ${why}`,
    exitCodes.unreadable,
  );
}

function profilesOf(file: string, text: string): ReadonlyMap<string, Profile> {
  let content: unknown;
  try {
    content = parseJson(text.replace(/^\u{FEFF}/u, ''));
  } catch (error) {
    // The words of JSON.parse repeat a part of the file: it could be a key.
    const why = error instanceof DuplicateKeyError ? errorText(error) : 'is not valid JSON.';
    throw refused(file, why);
  }
  if (!isObject(content)) throw refused(file, 'must hold an object with a profile for each name.');
  const entries = Object.entries(content).map(
    ([name, fields]) => [name, profileOf(file, name, fields)] as const,
  );
  return new Map(entries);
}

function profileOf(file: string, name: string, given: unknown): Profile {
  const at = `profile "${printable(name)}"`;
  if (!isObject(given)) {
    throw refused(file, `${at} must be an object with ${Object.keys(fields).join(', ')}.`);
  }
  for (const [field, value] of Object.entries(given)) {
    const known = Object.hasOwn(fields, field) ? fields[field as keyof typeof fields] : undefined;
    if (known === undefined) throw refused(file, `${at}: ${whyUnknown(field)}`);
    // The value is not repeated: it may be a key.
    if (!known.fits(value)) throw refused(file, `${at}: "${field}" must be ${known.expected}.`);
  }
  const { apiKeyFile, ...profile } = given as Profile;
  const places = Object.fromEntries(
    Object.keys(given).map((field) => [field, `${file}: ${at}: "${field}"`]),
  );
  return {
    ...profile,
    ...(apiKeyFile === undefined ? {} : { apiKeyFile: pathOf(apiKeyFile, dirname(file)) }),
    places,
  };
}

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';

const fields = {
  baseUrl: { fits: isText, expected: 'a URL' },
  apiKeyFile: { fits: isText, expected: 'the path of a file, never the key itself' },
  staffUserId: {
    fits: (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 1,
    expected: 'a whole number of at least 1',
  },
  rateShare: {
    fits: (value: unknown) => typeof value === 'number' && value > 0 && value <= 1,
    expected: 'a number above 0 and at most 1',
  },
} as const;

function whyUnknown(field: string): string {
  return /key|token|secret|password/i.test(field) && !/file/i.test(field)
    ? 'A key does not belong here. Write it into a file that only you can read (chmod 600), and name that in "apiKeyFile".'
    : `${unknownName('field', field, Object.keys(fields))}.`;
}

/** From the folder of the profiles, or from the home of the user. */
const pathOf = (path: string, folder: string): string =>
  path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(folder, path);

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const refused = (file: string, what: string): CliError =>
  new CliError(`${file}: ${what}`, exitCodes.unreadable);
