import { isLoopback } from '@ticket-lifecycle/internal/loopback';
import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import type { LoadedLifecycle } from '../lifecycle/load-lifecycle.ts';
import { seriesUrl } from '../api/api-key.ts';
import type { Measured } from '../rows/input.ts';
import type { JournaledOptions, JournalHead } from './entries.ts';

type GivenOptions = { readonly baseUrl?: string | undefined } & {
  readonly [Name in keyof JournaledOptions]?: JournaledOptions[Name] | undefined;
};

/** The first line of the journal of a run. */
export async function headOf(
  file: string,
  { bytes, sha256 }: Measured,
  { file: definition, lifecycle }: LoadedLifecycle,
  options: GivenOptions,
): Promise<JournalHead> {
  const { plan = false, read, staffUserId, format, only = [], where = [], context } = options;
  const journaled: JournaledOptions = { plan, read, staffUserId, format, only, where, context };
  return {
    type: 'journal',
    version: 1,
    startedAt: new Date().toISOString(),
    input: { file: await realpath(file), bytes, sha256 },
    definition: {
      file: definition === undefined ? undefined : resolve(definition),
      fingerprint: lifecycle.fingerprint,
    },
    baseUrl: URL.parse(options.baseUrl ?? seriesUrl)?.href ?? '',
    options: journaled,
  };
}

/** Whether two base URLs lead to the same: with or without a slash at its end, by any name of this machine. */
export function isSameServer(one: string, other: string): boolean {
  return placeOf(one) === placeOf(other);
}

function placeOf(baseUrl: string): string {
  const url = URL.parse(baseUrl);
  if (url === null) return baseUrl;
  const host = isLoopback(url.hostname) ? 'localhost' : url.hostname;
  return `${url.protocol}//${host}:${url.port}${url.pathname.replace(/\/+$/, '')}`;
}

/** To go on with another file, lifecycle or server would be to send what nobody has asked for. */
export function checkSame(name: string, before: JournalHead, now: JournalHead): void {
  const differences = [
    before.input.sha256 === now.input.sha256
      ? undefined
      : `its file was ${before.input.file} with ${before.input.bytes} bytes, and ${now.input.file} is not the same`,
    before.definition.fingerprint === now.definition.fingerprint
      ? undefined
      : `its lifecycle was ${before.definition.file ?? 'the default'} (${before.definition.fingerprint}), and this one is ${now.definition.fingerprint}`,
    isSameServer(before.baseUrl, now.baseUrl)
      ? undefined
      : `its changes went to ${before.baseUrl}, and not to ${now.baseUrl}`,
    ...(Object.keys(now.options) as (keyof JournaledOptions)[]).map((option) =>
      JSON.stringify(before.options[option]) === JSON.stringify(now.options[option])
        ? undefined
        : `it began with another ${optionNames[option]}`,
    ),
  ].filter((difference) => difference !== undefined);
  if (differences.length === 0) return;
  const cure =
    before.input.sha256 === now.input.sha256
      ? ''
      : ` Resume with the file as it was. Or apply this one without --resume, with --read always: it asks each ticket first.`;
  throw new CliError(
    `${name} belongs to another run: ${differences.join('; ')}. Nothing was sent.${cure}`,
  );
}

const optionNames: Readonly<Record<keyof JournaledOptions, string>> = {
  plan: '--plan',
  read: '--read',
  staffUserId: '--staff-user-id',
  format: '--format',
  only: '--only',
  where: '--where',
  context: '--context',
};
