import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { folder, run } from '../support/cli.ts';

/** Asks a real shell what it would offer behind a line. */
type Ask = (script: string, line: string, cwd: string) => readonly string[];

const lines = (text: string) => [...new Set(text.split('\n').filter(Boolean))];

const bash: Ask = (script, line, cwd) => {
  // Bash makes a word of "=" too, and none of nothing behind it.
  const split = line
    .split(' ')
    .flatMap((word) => word.split(/(=)/).filter((part, index) => index === 0 || part !== ''));
  const ask = `${script}
COMP_WORDS=(${split.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${split.length - 1}
_ticket_lifecycle; printf '%s\\n' "\${COMPREPLY[@]}"`;
  return lines(execFileSync('bash', ['--norc', '-c', ask], { cwd, encoding: 'utf8' }));
};

const fish: Ask = (script, line, cwd) => {
  const ask = `${script}\ncomplete -C ${JSON.stringify(line)}`;
  const home = { HOME: cwd, PATH: process.env['PATH'] };
  const said = execFileSync('fish', ['--no-config', '-c', ask], {
    cwd,
    encoding: 'utf8',
    env: home,
  });
  return said
    .split('\n')
    .map((one) => one.split('\t')[0] ?? '')
    .filter(Boolean);
};

// A zsh of its own in a pseudo-terminal: the first TAB in it has to work. What is offered goes
// through `compadd`, which says it; after the first completion that shell ends.
const zshrc = String.raw`
PROMPT='' RPROMPT=''
fpath=("$ZDOTDIR/functions" $fpath)
autoload -U compinit; compinit -u -D
compadd() {
  if [[ "$*" == *-[OAD]\ * ]]; then builtin compadd "$@"; return; fi
  local -a hits
  builtin compadd -A hits "$@"
  print -rl -- "HIT "$^hits
  builtin compadd "$@"
}
finish() { print DONE; exit }
comppostfuncs=(finish)
bindkey '^I' complete-word
print READY`;

const zsh: Ask = (script, line, cwd) => {
  const dots = folder();
  mkdirSync(join(dots, 'functions'));
  writeFileSync(join(dots, 'functions', '_ticket-lifecycle'), script);
  writeFileSync(join(dots, '.zshrc'), zshrc);
  const ask = String.raw`zmodload zsh/zpty; zpty z zsh -d -i; zpty -r z out '*READY*'
    zpty -w -n z "$LINE"$'\t'; zpty -r z out '*DONE*'; print -r -- "$out"`;
  const env = { PATH: process.env['PATH'], ZDOTDIR: dots, LINE: line, TERM: 'dumb' };
  const options = { cwd, encoding: 'utf8', env, timeout: 120_000 } as const;
  const said = execFileSync('zsh', ['-f', '-c', ask], options);
  return [...said.matchAll(/HIT (\S+)/g)].map(([, word = '']) => word);
};

const shells = { bash, zsh, fish };

const offers: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ['ticket-lifecycle ', ['apply', 'outbox', 'help'], ['status']],
  ['ticket-lifecycle out', ['outbox'], ['apply']],
  ['ticket-lifecycle outbox ', ['status', 'blocked', 'dead', 'redrive', 'skip'], ['apply']],
  ['ticket-lifecycle outbox status --', ['--directory', '--json'], ['--note', '--plan']],
  ['ticket-lifecycle journal ', ['show', 'why'], ['status']],
  ['ticket-lifecycle explain --from ', ['open', 'in-progress', 'closed'], ['START', 'notes.txt']],
  ['ticket-lifecycle explain --event ', ['START', 'RESOLVE'], ['open', 'notes.txt']],
  ['ticket-lifecycle sandbox --fault ', ['lost-after-applying'], ['notes.txt']],
  ['ticket-lifecycle apply --format ', ['csv', 'ndjson'], ['notes.txt']],
  ['ticket-lifecycle apply --report n', ['notes.txt'], ['csv']],
  ['ticket-lifecycle apply n', ['notes.txt'], ['outbox']],
  ['ticket-lifecycle apply --rate-share ', [], ['notes.txt']],
  ['ticket-lifecycle completion ', ['bash', 'zsh', 'fish', 'powershell'], ['notes.txt']],
  ['ticket-lifecycle help ', ['exit-codes', 'apply'], ['notes.txt']],
  ['ticket-lifecycle help outbox ', ['status', 'skip'], ['apply', 'exit-codes']],
  ['ticket-lifecycle explain --from=', ['open', 'closed'], ['START', 'notes.txt']],
  ['ticket-lifecycle explain --from=clo', ['closed'], ['open']],
  ['ticket-lifecycle apply --report=n', ['notes.txt'], ['csv']],
  ['ticket-lifecycle explain --from=open --event ', ['START'], ['closed']],
  ['ticket-lifecycle explain --from open --from ', ['closed'], ['START']],
  ['ticket-lifecycle tickets -o ', ['table', 'json'], ['notes.txt']],
  ['ticket-lifecycle plan --prefer START ', ['RESOLVE', 'CLOSE'], ['open', 'notes.txt']],
  ['ticket-lifecycle plan --prefer START RESOLVE ', ['REOPEN'], ['open', 'notes.txt']],
  ['ticket-lifecycle plan --prefer START --', ['--from', '--to'], ['RESOLVE']],
  ['ticket-lifecycle plan --prefer START --to ', ['closed'], ['RESOLVE']],
  ['ticket-lifecycle diagram --write my.md ', ['notes.txt'], ['svg']],
  ['ticket-lifecycle diagram --counts n', ['notes.txt'], ['svg']],
  ['ticket-lifecycle diff n', ['notes.txt'], []],
  ['ticket-lifecycle diff old.json n', ['notes.txt'], []],
  ['ticket-lifecycle apply --yes n', ['notes.txt'], ['csv']],
  ['ticket-lifecycle apply -- ', ['notes.txt'], ['--plan']],
  ['ticket-lifecycle apply -- -', ['-minus.csv'], ['--plan']],
  ['ticket-lifecycle outbox pause --note status --', ['--directory', '--note'], ['--json']],
  ['ticket-lifecycle apply --base-url http://127.0.0.1:9 --rep', ['--report'], ['--read']],
  ['ticket-lifecycle observe ', [], ['notes.txt']],
];

const names = Object.keys(shells) as (keyof typeof shells)[];
const isInstalled = (name: string) => spawnSync(name, ['--version']).error === undefined;

describe.each(names)('in %s', (name) => {
  test.skipIf(!isInstalled(name))(
    'commands, commands of commands, options and their values are completed',
    async () => {
      const script = (await run(['completion', name])).stdout;
      const cwd = folder();
      for (const one of ['notes.txt', '-minus.csv']) writeFileSync(join(cwd, one), '');
      // So that a shell takes the command for one.
      writeFileSync(join(cwd, 'ticket-lifecycle'), '#!/bin/sh\n');
      chmodSync(join(cwd, 'ticket-lifecycle'), 0o755);
      for (const [line, wanted, unwanted] of offers) {
        const found = shells[name](script, line, cwd);
        // A shell completes a single word at once.
        const seen = (word: string) => found.some((one) => one === word || one.endsWith(word));
        expect([line, found, wanted.filter((word) => !seen(word))]).toEqual([line, found, []]);
        expect([line, unwanted.filter((word) => found.includes(word))]).toEqual([line, []]);
      }
    },
  );
});

const bashScript = (await run(['completion', 'bash'])).stdout;

test('the name of a file is offered whole, whatever is in it', () => {
  const cwd = folder();
  const odd = ['a name.csv', 'a*.csv', 'ab.csv', 'a$x.csv'];
  for (const one of odd) writeFileSync(join(cwd, one), '');
  for (const line of ['apply a', 'apply --report a', 'apply --report=a', 'diagram --write x a']) {
    const found = bash(bashScript, `ticket-lifecycle ${line}`, cwd);
    expect([line, found.toSorted()]).toEqual([line, odd.toSorted()]);
  }
});

const valued = [...bashScript.matchAll(/^ {4}'(.*)'\) COMPREPLY=\(\$\(compgen -W '([^']*)'/gm)].map(
  ([, option = '', values = '']) => [option, values.split(' ')] as const,
);

test('every option with a list of values offers it, in one word or in two', () => {
  expect(valued.length).toBeGreaterThan(20);
  const cwd = folder();
  for (const [option, values] of valued) {
    for (const between of option.includes(' --') ? [' ', '='] : [' ']) {
      const found = bash(bashScript, `ticket-lifecycle${option}${between}`, cwd);
      expect([option, between, found]).toEqual([option, between, values]);
    }
  }
});

test('what was typed is never evaluated', () => {
  const cwd = folder();
  bash(bashScript, 'ticket-lifecycle explain --from $(touch${IFS}planted)', cwd);
  expect(lines(execFileSync('ls', { cwd, encoding: 'utf8' }))).toEqual([]);
});

test('PowerShell is given every command, option and value', async () => {
  const { stdout } = await run(['completion', 'powershell']);
  expect(stdout).toContain(
    `' outbox status' = @{ options = @('--directory', '--schema', '--json', '--help')`,
  );
  expect(stdout).toContain(`' explain --from' = @('open', 'in-progress', 'resolved', 'closed')`);
  expect(stdout).toContain('Register-ArgumentCompleter -Native -CommandName ticket-lifecycle');
});
