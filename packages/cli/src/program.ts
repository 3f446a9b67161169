import { Command, type CommandUnknownOpts } from '@commander-js/extra-typings';
import { CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { codeOf } from './cli-error.ts';
import { addApply } from './commands/apply/flags.ts';
import { addCompletion } from './commands/completion/flags.ts';
import { addDemo } from './commands/demo/flags.ts';
import { addDiagram } from './commands/diagram/flags.ts';
import { addDiff } from './commands/diff/flags.ts';
import { addDoctor } from './commands/doctor/flags.ts';
import { addExplain } from './commands/explain/flags.ts';
import { addHelp } from './commands/help/flags.ts';
import { addJournal } from './commands/journal/flags.ts';
import { addMan } from './commands/man/flags.ts';
import { addMcp } from './commands/mcp/flags.ts';
import { addObserve } from './commands/observe/flags.ts';
import { addOutbox } from './commands/outbox/flags.ts';
import { addPlan } from './commands/plan/flags.ts';
import { addReplay } from './commands/replay/flags.ts';
import { addSandbox } from './commands/sandbox/flags.ts';
import { addTickets } from './commands/tickets/flags.ts';
import { missingArgument } from './commands/missing-argument.ts';
import { wrapHelp } from './commands/help-layout.ts';
import { holdToOneRule } from './commands/one-rule.ts';
import { exitCodes } from './exit-code.ts';
import { jsonError } from './terminal/json-error.ts';
import { harmless } from './terminal/messages.ts';
import { createTerminal, type Streams, type Terminal } from './terminal/terminal.ts';
import { errorText } from './error-text.ts';

const commands = [
  addDemo,
  addExplain,
  addPlan,
  addApply,
  addJournal,
  addReplay,
  addObserve,
  addTickets,
  addDiagram,
  addDiff,
  addSandbox,
  addOutbox,
  addMcp,
  addDoctor,
  addCompletion,
  addMan,
  addHelp,
];

/** Runs the command line and answers with the exit code. */
export async function run(
  args: readonly string[],
  { stdout, stderr }: Streams = process,
): Promise<number> {
  const terminal = createTerminal(stdout, stderr);
  let exitCode: number = exitCodes.ok;
  terminal.secrets.add(process.env['SERIES_API_KEY']?.trim());
  const isJson = asksForJson(args);
  const program = createProgram(
    terminal,
    (code) => {
      exitCode = code;
    },
    isJson,
  );
  const code = await runProgram();
  const failure = await terminal.output.flush();
  if (failure === undefined) return code;
  const worst = code === exitCodes.ok ? exitCodes.unexpected : code;
  const said = `error: Standard output can't be written: ${failure}.`;
  if (isJson) showJson(said, worst);
  else terminal.messages.show(said);
  return worst;

  async function runProgram(): Promise<number> {
    try {
      await program.parseAsync(withoutHelpOfNothing(program, args), { from: 'user' });
      return exitCode;
    } catch (error) {
      if (error instanceof CommanderError) {
        if (error.exitCode === 0) return exitCodes.ok;
        // Commander has said already what was wrong; its own code for it is 1.
        if (isJson) showJson(withoutValues(error.message), exitCodes.usage);
        return exitCodes.usage;
      }
      const known = codeOf(error);
      if (isJson) {
        showJson(errorText(error), known ?? exitCodes.unexpected);
        return known ?? exitCodes.unexpected;
      }
      terminal.messages.show(
        `${known === undefined ? 'unexpected error' : 'error'}: ${errorText(error)}`,
      );
      return known ?? exitCodes.unexpected;
    }
  }

  function showJson(text: string, endsWith: number): void {
    const message = text.replace(/^error: /, '');
    terminal.messages.show(jsonError({ code: endsWith, message }));
  }
}

/** Whether programs read what is printed: then they read errors too. */
function asksForJson(args: readonly string[]): boolean {
  const end = args.indexOf('--');
  const given = end === -1 ? args : args.slice(0, end);
  return given.some(
    (word, at) =>
      word === '--json' ||
      ['-ojson', '--output=json'].includes(word) ||
      (word === 'json' && ['-o', '--output'].includes(given[at - 1] ?? '')),
  );
}

/**
 * Makes the program with all its commands; `end` is given the exit code of the one that runs.
 *
 * @param isSilent - whether somebody else says what is wrong with the arguments
 */
export function createProgram(terminal: Terminal, end: (code: number) => void, isSilent = false) {
  const { secrets, streams } = terminal;
  const program = new Command('ticket-lifecycle')
    .description(
      `Support tickets on Series HR: stops forbidden status changes, sends the others
within the API's limit of 25 a second, and knows how each one ended.`,
    )
    .version(packageJson.version)
    .helpCommand(false)
    .exitOverride()
    .showHelpAfterError(isSilent ? false : 'Add --help to see how it is used.')
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: (text, write) => {
        if (!isSilent) write(harmless(secrets.hide(withoutValues(text))));
      },
    })
    .addHelpText(
      'after',
      `
Start here:
  $ ticket-lifecycle demo`,
    );
  for (const add of commands) add(program, terminal, end);
  holdToOneRule(program);
  wrapHelp(program);
  return program;
}

/**
 * `nosuch --help` asks for the help of a command that is not there: without that option, Commander
 * says so, and does not show the help of everything instead.
 */
function withoutHelpOfNothing(
  command: CommandUnknownOpts,
  args: readonly string[],
): readonly string[] {
  const at = args.findIndex((word) => !word.startsWith('-'));
  const word = args[at];
  if (word === undefined || command.commands.length === 0) return args;
  const below = command.commands.find((one) => one.name() === word);
  if (below === undefined) return args.filter((one) => one !== '--help' && one !== '-h');
  return [...args.slice(0, at + 1), ...withoutHelpOfNothing(below, args.slice(at + 1))];
}

// Somebody may have passed the key as an argument: a log must not repeat it.
function withoutValues(text: string): string {
  return text
    .replace(/(unknown option '--?[^=']*)=.*'/s, "$1'")
    .replace(/unknown option '(--[^']*)'\s*\(Did you mean \1\?\)/, "option '$1' takes no value")
    .replace(
      /unknown option '--?[^']*key.*/i,
      '$&. The key comes from SERIES_API_KEY or --api-key-file',
    )
    .replace(/(but got \d+): .*\.$/ms, '$1.')
    .replace(/missing required argument '([^']*)'/, (_, name: string) => missingArgument(name));
}
