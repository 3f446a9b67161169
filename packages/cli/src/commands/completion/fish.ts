import { pathsOf, single } from './options-with-values.ts';
import type { CompletedOption, Place, Values } from './places.ts';

const complete = 'complete -c ticket-lifecycle';

/** For fish. It takes `--option=value` apart by itself, and ends options at `--`. */
export function fish(places: readonly Place[]): string {
  const lines = places.flatMap(({ path, options, words, takesFile }) => {
    const here = `${complete} -n ${single(`__ticket_lifecycle_at "${path}"`)}`;
    return [
      ...(takesFile ? [] : [`${here} -f`]),
      ...words.map(({ name, description }) => `${here} -a ${name} -d ${single(description)}`),
      ...options.map(
        (option) =>
          `${here} ${namesOf(option)} -d ${single(option.description)}${fishValues(option.values)}`,
      ),
      ...options.filter(({ takesMany }) => takesMany).map((option) => further(path, option)),
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
function __ticket_lifecycle_in
  set -l option ''
  for word in (commandline -opc)
    if string match -q -- '-*' $word
      set option $word
    end
  end
  contains -- "$option" $argv
end
${lines.join('\n')}`;
}

const namesOf = ({ name, short }: CompletedOption) =>
  `-l ${name.replace(/^--/, '')}${short === undefined ? '' : ` -s ${short.slice(1)}`}`;

/** Fish knows of the first value of an option alone. */
function further(path: string, { name, short, values }: CompletedOption): string {
  const condition = `__ticket_lifecycle_at "${path}"; and __ticket_lifecycle_in ${name} ${short ?? ''}`;
  return `${complete} -n ${single(condition.trimEnd())}${fishValues(values).replace(/ -[rx]/, '')}`;
}

function fishValues(values: Values): string {
  if (values === 'none') return '';
  if (values === 'file') return ' -r -F';
  return typeof values === 'string' ? ' -x' : ` -x -a ${single(values.join(' '))}`;
}
