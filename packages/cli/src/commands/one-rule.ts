import type { EventEmitter } from 'node:events';
import type { CommandUnknownOpts, Option } from '@commander-js/extra-typings';
import { exitCodes } from '../exit-code.ts';
import { addsUp } from './arguments.ts';

// One rule for every option of every command. It is applied to the commands as they
// are, so that a new option can't forget it:
//   - an empty value is an error: mostly a script's unset variable, and never "not given"
//   - an option that takes a list adds up when it is repeated; any other that takes a value is given
//     once, and not together with its opposite
//   - a switch says the same however often it is given
//   - an unknown option is named before one that is missing: mostly it is that one, misspelt
// An argument that is empty is named by the command: no file and no ticket is called so.

/** Holds a command, and those below it, to the rule. */
export function holdToOneRule(command: CommandUnknownOpts): void {
  for (const option of command.options) {
    if (option.required || option.optional) checkOption(command, option);
    if (option.negate) checkOpposite(command, option);
  }
  nameUnknownFirst(command);
  suggestByWords(command);
  for (const below of command.commands) holdToOneRule(below);
}

function checkOption(command: CommandUnknownOpts, option: Option): void {
  const { parseArg: parse, variadic, flags } = option;
  const isList = variadic || addsUp(parse);
  // Its parsers take what they have made before; what that is only they know.
  option.argParser((value: string, before: unknown): unknown => {
    // Not repeated: somebody may have passed the key in its place.
    if (value.trim() === '') refuse(command, `option '${flags}' ${empty}`);
    if (!isList && isGiven(command, option)) refuse(command, `option '${flags}' ${twice}`);
    if (parse !== undefined) return parse(value, before);
    return variadic ? [...(Array.isArray(before) ? before : []), value] : value;
  });
}

function checkOpposite(command: CommandUnknownOpts, option: Option): void {
  // Before the listener of the option itself, which takes the value.
  (command as unknown as EventEmitter).prependListener(`option:${option.name()}`, () => {
    const value: unknown = command.getOptionValue(option.attributeName());
    if (!isGiven(command, option) || value === false) return;
    refuse(command, `option '${option.flags}' ${twice}`);
  });
}

/** Commander looks for unknown options last. Where nothing may be missing, it gets there. */
function nameUnknownFirst(command: CommandUnknownOpts): void {
  const parse = command.parseOptions.bind(command);
  command.parseOptions = (args) => {
    const parsed = parse(args);
    // Options of a command below are unknown here, and known there.
    if (parsed.unknown.length > 0 && command.commands.length === 0)
      for (const option of command.options) option.makeOptionMandatory(false);
    return parsed;
  };
}

/** Commander suggests what is spelt alike. `--staff-id` lacks a word of what it means. */
function suggestByWords(command: CommandUnknownOpts): void {
  const inner = command as unknown as { unknownOption: (flag: string) => void };
  const say = inner.unknownOption.bind(command);
  inner.unknownOption = (flag) => {
    const [given = ''] = flag.split('=');
    const words = given.split('-').filter(Boolean);
    const names = command.options.flatMap(({ long }) => long ?? []);
    const fuller = names.filter((name) => {
      const known = name.split('-');
      return words.every((word) => known.includes(word));
    });
    const [only] = fuller;
    if (words.length < 2 || only === undefined || fuller.length > 1) return say(flag);
    command.error(`error: unknown option '${flag}'\n(Did you mean ${only}?)`, {
      code: 'commander.unknownOption',
    });
  };
}

const isGiven = (command: CommandUnknownOpts, option: Option) =>
  command.getOptionValueSource(option.attributeName()) === 'cli';

const empty = 'is empty. Is a variable unset?';
const twice = 'was given already, with another value. Give one of them.';

const refuse = (command: CommandUnknownOpts, message: string): never =>
  command.error(`error: ${message}`, { exitCode: exitCodes.usage });
