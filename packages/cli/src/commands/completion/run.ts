import type { CommandUnknownOpts } from '@commander-js/extra-typings';
import { exitCodes } from '../../exit-code.ts';
import { topics } from '../help/topics.ts';
import type { Terminal } from '../../terminal/terminal.ts';

/** What can be completed behind a command's name. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly options: readonly {
    readonly flag: string;
    readonly description: string;
    readonly takesValue: boolean;
    readonly choices: readonly string[];
  }[];
  /** Words that its argument can be; empty where that is a file. */
  readonly words: readonly string[];
}

/** Prints a completion script, made from the very commands that it completes. */
export async function completion(
  shell: 'bash' | 'zsh' | 'fish',
  program: CommandUnknownOpts,
  { output }: Terminal,
): Promise<number> {
  const commands = program.commands.map(describe);
  await output.print({ bash, zsh, fish }[shell](commands));
  return exitCodes.ok;
}

function describe(command: CommandUnknownOpts): Completed {
  const names = command.parent?.commands.map((sibling) => sibling.name()) ?? [];
  return {
    name: command.name(),
    summary: command.summary(),
    options: command.options.map((option) => ({
      flag: option.long ?? option.short ?? '',
      description: option.description,
      takesValue: option.required || option.optional,
      choices: option.argChoices ?? [],
    })),
    words:
      command.name() === 'help'
        ? [...names, ...topics]
        : command.registeredArguments.flatMap((argument) => argument.argChoices ?? []),
  };
}

function bash(commands: readonly Completed[]): string {
  const cases = commands.map(({ name, options, words }) => {
    const flags = [...options.map(({ flag }) => flag), '--help', ...words].join(' ');
    return `    ${name}) words='${flags}' ;;`;
  });
  const values = commands.flatMap(({ name, options }) =>
    options
      .filter(({ choices }) => choices.length > 0)
      .map(({ flag, choices }) => `    '${name} ${flag}') words='${choices.join(' ')}' ;;`),
  );
  return `# ticket-lifecycle: completion for bash
_ticket_lifecycle() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=''
  if [ "$COMP_CWORD" -eq 1 ]; then
    words='${commands.map(({ name }) => name).join(' ')} --help --version'
    COMPREPLY=($(compgen -W "$words" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join('\n')}
  esac
  case "\${COMP_WORDS[1]} $before" in
${values.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}
complete -o bashdefault -o default -F _ticket_lifecycle ticket-lifecycle`;
}

function zsh(commands: readonly Completed[]): string {
  const list = commands.map(({ name, summary }) => `    ${single(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, options, words }) => {
    const specs = options.map(({ flag, description, takesValue, choices }) => {
      const values = choices.length > 0 ? `(${choices.join(' ')})` : '_files';
      return single(`${flag}[${bracketed(description)}]${takesValue ? `:value:${values}` : ''}`);
    });
    const rest = words.length > 0 ? `*:word:(${words.join(' ')})` : '*:file:_files';
    return `    ${name}) _arguments ${[...specs, single('--help[show how it is used]'), single(rest)].join(' ')} ;;`;
  });
  return `#compdef ticket-lifecycle
_ticket_lifecycle() {
  local -a commands=(
${list.join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join('\n')}
  esac
}
if [ "$funcstack[1]" = '_ticket_lifecycle' ]; then _ticket_lifecycle "$@"; else compdef _ticket_lifecycle ticket-lifecycle; fi`;
}

function fish(commands: readonly Completed[]): string {
  const complete = 'complete -c ticket-lifecycle';
  return [
    '# ticket-lifecycle: completion for fish',
    ...commands.flatMap(({ name, summary, options, words }) => {
      const behind = `-n '__fish_seen_subcommand_from ${name}'`;
      return [
        `${complete} -n __fish_use_subcommand -a ${name} -d ${single(summary)}`,
        ...options.map(({ flag, description, takesValue, choices }) =>
          [
            `${complete} ${behind} -l ${flag.replace(/^--/, '')} -d ${single(description)}`,
            ...(takesValue ? ['-r'] : []),
            ...(choices.length > 0 ? [`-f -a '${choices.join(' ')}'`] : []),
          ].join(' '),
        ),
        ...(words.length > 0 ? [`${complete} ${behind} -f -a '${words.join(' ')}'`] : []),
      ];
    }),
  ].join('\n');
}

const single = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;
const bracketed = (text: string) => text.replace(/[[\]:\\]/g, String.raw`\$&`);
