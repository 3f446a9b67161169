import { anyOf, optionsWithValues, pathsOf, single } from './options-with-values.ts';
import type { Place, Values, Word } from './places.ts';

/** For zsh: to be sourced, or put into a folder of fpath. */
export function zsh(places: readonly Place[]): string {
  const options = optionsWithValues(places);
  const values = options.map(
    ({ key, values: offered }) => `    (${single(key)}) ${zshValues(offered)}; return ;;`,
  );
  const described = (words: readonly Word[]) =>
    words.map(({ name, description }) => single(`${name}:${description}`)).join(' ');
  const offers = places.map(
    (place) =>
      `    (${single(place.path)}) options=(${described(place.options)}); words_here=(${described(place.words)}); files=${place.takesFile ? 1 : 0} ;;`,
  );
  const many = options.filter(({ takesMany }) => takesMany).map(({ key }) => key);
  return `#compdef ticket-lifecycle
_ticket-lifecycle() {
  local place='' option='' over=0 files=0 i part
  local -a options words_here
  for ((i = 2; i < CURRENT; i++)); do
    part="\${words[i]}"
    ((over)) && continue
    case "$part" in
      (--) over=1; option=''; continue ;;
      (-*)
        option=''
        case "$place $part" in
          (${anyOf(options.map(({ key }) => key))}) option="$part" ;;
        esac
        continue ;;
    esac
    if [[ -n "$option" ]]; then
      case "$place $option" in
        (${anyOf(many)}) ;;
        (*) option='' ;;
      esac
      continue
    fi
    case "$place $part" in
      (${anyOf(pathsOf(places))}) place="$place $part" ;;
    esac
  done
  part="\${words[CURRENT]}"
  if ((! over)) && [[ "$part" == --*=* ]]; then
    option="\${part%%=*}"
    compset -P 1 '*='
  else
    case "$place $option" in
      (${anyOf(many)}) [[ "$part" == -* ]] && option='' ;;
    esac
  fi
  case "$place $option" in
${values.join('\n')}
  esac
  case "$place" in
${offers.join('\n')}
  esac
  if ((! over)) && [[ "$part" == -* ]]; then
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
