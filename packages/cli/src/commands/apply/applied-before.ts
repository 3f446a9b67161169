import { setTimeout as pause } from 'node:timers/promises';
import { CliError } from '../../cli-error.ts';
import { exitCodes } from '../../exit-code.ts';
import { confirm } from '../../terminal/confirm.ts';
import type { Terminal } from '../../terminal/terminal.ts';
import { duration, several } from '../../terminal/text.ts';
import {
  findAppliedBefore,
  type AppliedBefore,
  type RepeatedLines,
  type ToBeApplied,
  type UnreadableJournals,
} from './find-applied-before.ts';
import { resumeCommand } from './resume-command.ts';

type Found = AppliedBefore | UnreadableJournals;

/** Lets nothing be sent once more that nobody has asked for once more. */
export async function checkAppliedBefore(
  what: ToBeApplied & { readonly signal: AbortSignal },
  terminal: Terminal,
): Promise<void> {
  const found = await findAppliedBefore(what);
  if (found === undefined) return;
  const { options, signal } = what;
  const said = saidOf(what, found);
  const otherwise = `Nothing was sent. ${waysOn(what, found)}`;
  if ('unreadable' in found) throw new CliError(`${said} ${otherwise}`, exitCodes.unreadable);
  const { run, lines } = found;
  if (lines !== undefined && options.read === 'always') return waitFor(lines, signal, terminal);
  if (!run.isFinished) throw new CliError(`${said} ${otherwise}`);
  const question = `${said} Apply ${lines === undefined ? 'it' : 'them'} once more?`;
  await confirm(question, { yes: false, signal, otherwise }, terminal);
}

/**
 * What `apply` would say of a file, for a dry run, and how it would end where nobody can be asked;
 * `undefined` where it would simply apply it.
 */
export async function foretold(
  what: ToBeApplied,
): Promise<{ readonly text: string; readonly exitCode: number } | undefined> {
  const found = await findAppliedBefore(what);
  if (found === undefined) return undefined;
  const isRead = what.options.read === 'always';
  if ('lines' in found && found.lines !== undefined && isRead) return undefined;
  return {
    text: `${saidOf(what, found)} Without --dry-run, this would stop. ${waysOn(what, found)}`,
    exitCode: 'unreadable' in found ? exitCodes.unreadable : exitCodes.usage,
  };
}

/** A ticket tells nothing of a request that may still arrive: to send another would be too early. */
async function waitFor(
  { openUntil }: RepeatedLines,
  signal: AbortSignal,
  { messages }: Terminal,
): Promise<void> {
  const waitMs = openUntil - Date.now();
  if (waitMs <= 0) return;
  messages.note(
    `A request of an earlier run may still arrive: waiting ${duration(waitMs / 1000)} before anything is sent.`,
  );
  await pause(waitMs, undefined, { signal }).catch(() => {});
}

function saidOf({ file }: ToBeApplied, found: Found): string {
  if ('unreadable' in found) return unreadableText(found);
  const { run, lines } = found;
  const { startedAt, isFinished, journal } = run;
  const state = isFinished ? `is finished (${journal})` : 'is not finished';
  if (lines === undefined) {
    return `${file} was applied before: the run of ${startedAt} ${state}.`;
  }
  return `${file} repeats another run: ${countText(lines)}. The run of ${startedAt} ${state}.`;
}

function unreadableText({ unreadable: [first, ...others] }: UnreadableJournals): string {
  const { journal = '', why } = first ?? {};
  const what =
    why === undefined ? `${journal} can't be read.` : `${journal} is not trusted. ${why}`;
  const count = others.length;
  const more = count === 0 ? '' : ` ${several(count, 'other is', 'others are')} not usable either.`;
  return `${what}${more} Changes of this file may be in it.`;
}

function countText({ made, inDoubt }: RepeatedLines): string {
  const changed = `${several(made, 'of its lines was', 'of its lines were')} carried out already`;
  const doubted = `${several(inDoubt, 'is', 'are')} in doubt`;
  if (inDoubt === 0) return changed;
  return made === 0
    ? `${several(inDoubt, 'of its lines is', 'of its lines are')} in doubt`
    : `${changed}, and ${doubted}`;
}

function waysOn({ file, options, resumed }: ToBeApplied, found: Found): string {
  const ask =
    resumed === undefined
      ? 'Add --read always to ask each ticket first, or --again to apply every line as it is.'
      : 'Apply the file without --resume, with --again --read always, to ask each ticket first. Or add --again to go on with every line as it is.';
  if ('unreadable' in found) {
    const copy =
      found.unreadable[0]?.why === undefined ? 'Put a sound copy in its place, or move' : 'Move';
    return `${copy} it to another folder if you know what it holds. ${ask}`;
  }
  const { isFinished, journal, input } = found.run;
  if (found.lines === undefined) {
    if (isFinished) return 'Add --again to apply it once more.';
    return `To go on with it:\n\n  ${resumeCommand(file, journal, options)}\n\nTo start from the first line instead, add --again.`;
  }
  if (isFinished || resumed !== undefined) return ask;
  return `${ask} To go on with that run, with ${input.file} as it was:\n\n  ${resumeCommand(input.file, journal, options)}`;
}
