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

/** An option, and what may stand behind it. */
export interface CompletedOption extends Word {
  /** With its hyphen, where it has one. */
  readonly short: string | undefined;
  readonly values: Values;
  /** Whether it takes more than one value, up to the next option. */
  readonly takesMany: boolean;
}

/** A place on the command line: behind a command, or a command of a command. */
export interface Place {
  /** The commands before it, each with a space before it. */
  readonly path: string;
  readonly options: readonly CompletedOption[];
  readonly words: readonly Word[];
  readonly takesFile: boolean;
}

/** All places, made from the very commands that are completed. */
export function placesOf(command: CommandUnknownOpts, path = ''): Place[] {
  const { commands, registeredArguments } = command;
  const options = command.options.map((option) => ({
    name: option.long ?? option.short ?? '',
    short: option.long === undefined ? undefined : option.short,
    description: option.description,
    values: valuesOf(option),
    takesMany: option.variadic,
  }));
  const below = commands.map((one) => ({
    name: one.name(),
    description: one.summary() === '' ? one.description() : one.summary(),
  }));
  const place = {
    path,
    options: [...options, help],
    words: [...below, ...registeredArguments.flatMap((argument) => wordsOf(argument, command))],
    takesFile: registeredArguments.some((argument) => files.includes(argument.name())),
  };
  return [
    place,
    ...(command.name() === 'help' ? nestedHelp(command.parent, path) : []),
    ...commands.flatMap((one) => placesOf(one, `${path} ${one.name()}`)),
  ];
}

const help = {
  name: '--help',
  short: '-h',
  description: 'show how it is used',
  values: 'none',
  takesMany: false,
} as const;

/** What arguments and options call the path of a file. */
const files: readonly string[] = ['file', 'journal', 'directory', 'log', 'old', 'new'];

/** Behind `help` and a command that has commands of its own. */
function nestedHelp(program: CommandUnknownOpts | null, path: string): Place[] {
  const nested = program?.commands.filter(({ commands }) => commands.length > 0) ?? [];
  return nested.map((one) => ({
    path: `${path} ${one.name()}`,
    options: [help],
    words: one.commands.map((below) => ({ name: below.name(), description: below.summary() })),
    takesFile: false,
  }));
}

function valuesOf({ required, optional, argChoices, flags, long }: Option): Values {
  if (!required && !optional) return 'none';
  if (argChoices !== undefined) return argChoices;
  const named = namesOf(long ?? '', flags);
  if (named !== undefined) return named;
  return files.includes(/<(\w+)/.exec(flags)?.[1] ?? '') ? 'file' : 'anything';
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
