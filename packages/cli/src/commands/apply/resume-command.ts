import { quoted } from '../../terminal/text.ts';
import type { ApplyOptions } from './apply-options.ts';

/**
 * The command that goes on with a run. The journal holds all that decides which changes are made;
 * how they are made may change from run to run.
 */
export function resumeCommand(file: string, journal: string, options: ApplyOptions): string {
  const kept: readonly (readonly [string, string | number | true | undefined])[] = [
    ['--api-key-file', options.apiKeyFile],
    ['--requests-per-second', options.requestsPerSecond],
    ['--rate-share', options.rateShare],
    ['--concurrency', options.concurrency],
    ['--max-errors', options.maxErrors],
    ['--timeout', options.timeout === undefined ? undefined : `${options.timeout}ms`],
    ['--failed', options.failed],
    ['--report', options.report],
    ['--quiet', options.quiet],
    ['--json', options.json === true ? true : undefined],
    ['--yes', options.yes],
  ];
  const words = kept.flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [name] : [name, quoted(String(value))],
  );
  // A name that begins with a dash is an option, unless its folder goes before it.
  const path = file.startsWith('-') ? `./${file}` : file;
  return ['ticket-lifecycle apply', quoted(path), '--resume', quoted(journal), ...words].join(' ');
}
