import type { Argument, CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { ticketLifecycle, ticketStatuses } from '@ticket-lifecycle/core';
import { faultKinds } from '@ticket-lifecycle/sandbox';
import { topics } from '../help/topics.ts';

/** What may stand behind an option: words, a file, something else, or nothing. */
export type Values = readonly string[] | 'file' | 'anything' | 'none';

/** A word that can be completed, and what it means. */
export interface Word {
  readonly name: string;
  readonly description: string;
}

/** A place on the command line: behind a command, or a command of a command. */
export interface Place {
  /** The commands before it, each with a space before it. */
  readonly path: string;
  readonly options: readonly (Word & { readonly values: Values })[];
  readonly words: readonly Word[];
  readonly takesFile: boolean;
}

/** All places, made from the very commands that are completed. */
export function placesOf(command: CommandUnknownOpts, path = ''): Place[] {
  const { commands, registeredArguments } = command;
  const options = command.options.map((option) => ({
    name: option.long ?? option.short ?? '',
    description: option.description,
    values: valuesOf(option),
  }));
  const help = { name: '--help', description: 'show how it is used', values: 'none' } as const;
  const below = commands.map((one) => ({
    name: one.name(),
    description: one.summary() === '' ? one.description() : one.summary(),
  }));
  const place = {
    path,
    options: [...options, help],
    words: [...below, ...registeredArguments.flatMap((argument) => wordsOf(argument, command))],
    takesFile: registeredArguments.some((argument) =>
      ['file', 'journal'].includes(argument.name()),
    ),
  };
  return [place, ...commands.flatMap((one) => placesOf(one, `${path} ${one.name()}`))];
}

function valuesOf({ required, optional, argChoices, flags, long }: Option): Values {
  if (!required && !optional) return 'none';
  if (argChoices !== undefined) return argChoices;
  const named = namesOf(long ?? '', flags);
  if (named !== undefined) return named;
  return /<(file|journal|directory)(\.\.\.)?>/.test(flags) ? 'file' : 'anything';
}

/** The names of the lifecycle that comes with this tool: a definition may have others. */
function namesOf(long: string, flags: string): readonly string[] | undefined {
  if (/<(state|target)>/.test(flags)) return ticketLifecycle.states;
  if (/<status>/.test(flags)) return ticketStatuses;
  if (/<events?(\.\.\.)?>/.test(flags)) return ticketLifecycle.events;
  return long === '--fault' ? faultKinds : undefined;
}

function wordsOf({ argChoices }: Argument, command: CommandUnknownOpts): Word[] {
  const { parent } = command;
  const names =
    command.name() === 'help'
      ? [...(parent?.commands.map((one) => one.name()) ?? []), ...topics]
      : (argChoices ?? []);
  return names.map((name) => ({ name, description: '' }));
}
