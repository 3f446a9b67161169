import { anyOf, namesOf, optionsWithValues, pathsOf } from './options-with-values.ts';
import type { Place, Values } from './places.ts';

/** For bash 3.2 and later, with or without the package bash-completion. */
export function bash(places: readonly Place[]): string {
  const options = optionsWithValues(places);
  const values = options.map(
    ({ key, values: offered }) => `    '${key}') ${bashValues(offered)}; return ;;`,
  );
  const offers = places.map(
    (place) =>
      `    '${place.path}') options='${namesOf(place.options)}'; words='${namesOf(place.words)}'; files=${place.takesFile ? 1 : 0} ;;`,
  );
  const many = options.filter(({ takesMany }) => takesMany).map(({ key }) => key);
  return `# ticket-lifecycle: completion for bash
_ticket_lifecycle_files() {
  local name
  # Readline knows how to quote a name, and what ~ stands for.
  compopt -o default 2>/dev/null && return
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen -f -- "$word")
}
_ticket_lifecycle() {
  local word="\${COMP_WORDS[COMP_CWORD]}" part place='' option='' over=0
  local options='' words='' files=0 i
  # Bash makes three words of --option=value.
  if [ "$word" = '=' ]; then word=''; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    part="\${COMP_WORDS[i]}"
    if [ "$over" = 1 ] || [ "$part" = '=' ]; then continue; fi
    case "$part" in
      --) over=1; option=''; continue ;;
      -*)
        option=''
        case "$place $part" in
          ${anyOf(options.map(({ key }) => key))}) option="$part" ;;
        esac
        continue ;;
    esac
    if [ -n "$option" ]; then
      case "$place $option" in
        ${anyOf(many)}) ;;
        *) option='' ;;
      esac
      continue
    fi
    case "$place $part" in
      ${anyOf(pathsOf(places))}) place="$place $part" ;;
    esac
  done
  COMPREPLY=()
  case "$place $option" in
    ${anyOf(many)}) case "$word" in -*) option='' ;; esac ;;
  esac
  case "$place $option" in
${values.join('\n')}
  esac
  case "$place" in
${offers.join('\n')}
  esac
  case "$over$word" in
    0-*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *)
      COMPREPLY=($(compgen -W "$words" -- "$word"))
      if [ "$files" = 1 ]; then _ticket_lifecycle_files; fi ;;
  esac
}
if ((BASH_VERSINFO[0] < 4)); then complete -o filenames -F _ticket_lifecycle ticket-lifecycle
else complete -F _ticket_lifecycle ticket-lifecycle; fi`;
}

function bashValues(values: Values): string {
  if (values === 'file') return '_ticket_lifecycle_files';
  return typeof values === 'string'
    ? ':'
    : `COMPREPLY=($(compgen -W '${values.join(' ')}' -- "$word"))`;
}
