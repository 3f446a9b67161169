import { Option } from '@commander-js/extra-typings';
import { duration, json } from './arguments.ts';
import { formats } from '../rows/formats.ts';

// Options that several commands have, in the same words.

export const definition = () =>
  new Option(
    '--definition <file>',
    'your own lifecycle (.ts, .js, .json) instead of the ticket-lifecycle.config.* of this project',
  );

export const context = () =>
  new Option('--context <json>', 'what the guards are asked with').argParser(json);

export const format = () => new Option('--format <format>', 'what the file is').choices(formats);

export const allowEmpty = () => new Option('--allow-empty', 'accept a file without rows');

export const timeZone = () =>
  new Option(
    '--time-zone <name>',
    'the zone of times that name none, such as Europe/Berlin (default: UTC)',
  );

export const baseUrl = () =>
  new Option('--base-url <url>', 'where the API is; a sandbox on this machine needs no key');

export const apiKeyFile = () =>
  new Option('--api-key-file <file>', 'a file with the API key, instead of SERIES_API_KEY');

export const profile = () =>
  new Option(
    '--profile <name>',
    'the URL, key file, staff id and share that ticket-lifecycle.profiles.json has under this name',
  );

export const timeout = () =>
  new Option(
    '--timeout <duration>',
    'how long one request may take, such as 2s (default: 10s)',
  ).argParser(duration('10min'));

export const verbose = () =>
  new Option('--verbose', 'say of each request what came back, and how long it took');

export const quiet = () =>
  new Option('--quiet', 'print results and errors only: neither notes nor progress');
