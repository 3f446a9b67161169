import { optionsWithValues } from './options-with-values.ts';
import type { Place } from './places.ts';

/** For PowerShell 5 and later. */
export function powershell(places: readonly Place[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const list = (words: readonly string[]) => `@(${words.map(quoted).join(', ')})`;
  const offers = places.map(
    ({ path, options, words }) =>
      `    ${quoted(path)} = @{ options = ${list(options.map(({ name }) => name))}; words = ${list(words.map(({ name }) => name))} }`,
  );
  // What is not a word is left to PowerShell, which completes files.
  const values = optionsWithValues(places).map(
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
