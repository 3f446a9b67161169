import type { Place, Values, Word } from './places.ts';

// The scripts know every word beforehand, so that a TAB starts no process and evaluates nothing of
// what was typed. They all do the same: find the commands that were typed, then offer what may stand
// behind the word before, and else options or words of that place.

type Places = readonly Place[];

/** Every option that takes something, by its place. */
const withValues = (places: Places) =>
  places.flatMap(({ path, options }) =>
    options
      .filter(({ values }) => values !== 'none')
      .map(({ name, values }) => ({ key: `${path} ${name}`, values })),
  );

const pathsOf = (places: Places) => places.map(({ path }) => path).filter((path) => path !== '');
const namesOf = (words: readonly Word[]) => words.map(({ name }) => name).join(' ');
const single = (text: string) => `'${text.replaceAll("'", String.raw`'\''`)}'`;

/** For bash 3.2 and later, with or without the package bash-completion. */
export function bash(places: Places): string {
  const values = withValues(places).map(
    ({ key, values: offered }) => `    '${key}') ${bashValues(offered)}; return ;;`,
  );
  const offers = places.map(
    ({ path, options, words, takesFile }) =>
      `    '${path}') options='${namesOf(options)}'; words='${namesOf(words)}'; files=${takesFile ? 1 : 0} ;;`,
  );
  return `# ticket-lifecycle: completion for bash
_ticket_lifecycle() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}"
  local place='' options='' words='' files=0 i
  if [ "$word" = '=' ]; then word=''; elif [ "$before" = '=' ]; then before="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$place \${COMP_WORDS[i]}" in
      ${pathsOf(places).map(single).join('|')}) place="$place \${COMP_WORDS[i]}" ;;
    esac
  done
  COMPREPLY=()
  case "$place $before" in
${values.join('\n')}
  esac
  case "$place" in
${offers.join('\n')}
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *)
      COMPREPLY=($(compgen -W "$words" -- "$word"))
      if [ "$files" = 1 ]; then compopt -o filenames 2>/dev/null; COMPREPLY+=($(compgen -f -- "$word")); fi ;;
  esac
}
complete -F _ticket_lifecycle ticket-lifecycle`;
}

function bashValues(values: Values): string {
  if (values === 'file') {
    return 'compopt -o filenames 2>/dev/null; COMPREPLY=($(compgen -f -- "$word"))';
  }
  return typeof values === 'string'
    ? ':'
    : `COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$word"))`;
}

/** For zsh: to be sourced, or put into a folder of fpath. */
export function zsh(places: Places): string {
  const values = withValues(places).map(
    ({ key, values: offered }) => `    (${single(key)}) ${zshValues(offered)}; return ;;`,
  );
  const described = (words: readonly Word[]) =>
    words.map(({ name, description }) => single(`${name}:${description}`)).join(' ');
  const offers = places.map(
    ({ path, options, words, takesFile }) =>
      `    (${single(path)}) options=(${described(options)}); words_here=(${described(words)}); files=${takesFile ? 1 : 0} ;;`,
  );
  return `#compdef ticket-lifecycle
_ticket-lifecycle() {
  local place='' before="\${words[CURRENT-1]}" files=0 i
  local -a options words_here
  for ((i = 2; i < CURRENT; i++)); do
    case "$place \${words[i]}" in
      (${pathsOf(places).map(single).join('|')}) place="$place \${words[i]}" ;;
    esac
  done
  case "$place $before" in
${values.join('\n')}
  esac
  case "$place" in
${offers.join('\n')}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
    return
  fi
  ((\${#words_here})) && _describe word words_here
  ((files)) && _files
}
if [ "$funcstack[1]" = '_ticket-lifecycle' ]; then _ticket-lifecycle "$@"; else compdef _ticket-lifecycle ticket-lifecycle; fi`;
}

function zshValues(values: Values): string {
  if (values === 'file') return '_files';
  return typeof values === 'string' ? '_message value' : `compadd -- ${values.join(' ')}`;
}

/** For fish. */
export function fish(places: Places): string {
  const complete = 'complete -c ticket-lifecycle';
  const lines = places.flatMap(({ path, options, words, takesFile }) => {
    const here = `${complete} -n ${single(`__ticket_lifecycle_at "${path}"`)}`;
    return [
      ...(takesFile ? [] : [`${here} -f`]),
      ...words.map(({ name, description }) => `${here} -a ${name} -d ${single(description)}`),
      ...options.map(
        ({ name, description, values }) =>
          `${here} -l ${name.replace(/^--/, '')} -d ${single(description)}${fishValues(values)}`,
      ),
    ];
  });
  return `# ticket-lifecycle: completion for fish
function __ticket_lifecycle_at
  set -l place ''
  for word in (commandline -opc)[2..-1]
    switch "$place $word"
      case ${pathsOf(places).map(single).join(' ')}
        set place "$place $word"
    end
  end
  test "$place" = "$argv[1]"
end
${lines.join('\n')}`;
}

function fishValues(values: Values): string {
  if (values === 'none') return '';
  if (values === 'file') return ' -r -F';
  return typeof values === 'string' ? ' -x' : ` -x -a ${single(values.join(' '))}`;
}

/** For PowerShell 5 and later. */
export function powershell(places: Places): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const list = (words: readonly string[]) => `@(${words.map(quoted).join(', ')})`;
  const offers = places.map(
    ({ path, options, words }) =>
      `    ${quoted(path)} = @{ options = ${list(options.map(({ name }) => name))}; words = ${list(words.map(({ name }) => name))} }`,
  );
  // What is not a word is left to PowerShell, which completes files.
  const values = withValues(places).map(
    ({ key, values: offered }) =>
      `    ${quoted(key)} = ${list(typeof offered === 'string' ? [] : offered)}`,
  );
  return `# ticket-lifecycle: completion for PowerShell
Register-ArgumentCompleter -Native -CommandName ticket-lifecycle -ScriptBlock {
  param($word, $ast, $position)
  $offers = @{
${offers.join('\n')}
  }
  $values = @{
${values.join('\n')}
  }
  $place = ''
  $before = ''
  foreach ($element in ($ast.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $position -and $word -ne '') { break }
    $before = $element.ToString()
    if ($offers.ContainsKey("$place $before")) { $place = "$place $before" }
  }
  $found = if ($values.ContainsKey("$place $before")) { $values["$place $before"] }
    elseif ($word.StartsWith('-')) { $offers[$place].options }
    else { $offers[$place].words }
  $found | Where-Object { $_ -like "$word*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}`;
}
