import { PassThrough } from 'node:stream';
import type { Command } from 'commander';
import { expect, test } from 'vitest';
import { createProgram } from '../../src/program.ts';
import { createTerminal } from '../../src/terminal/terminal.ts';
import { file, ndjson, runHere } from '../support/cli.ts';
import { sandboxWith } from '../support/api.ts';

type Commands = readonly (readonly [words: readonly string[], command: Command])[];

/** All commands, those below others too. */
function all(command: Command, words: readonly string[] = []): Commands {
  return [
    [words, command],
    ...command.commands.flatMap((below) => all(below, [...words, below.name()])),
  ];
}

const program = () =>
  createProgram(
    createTerminal(new PassThrough(), new PassThrough()),
    () => {},
  ) as unknown as Command;
const table = () => all(program());
const withValue = () =>
  table().flatMap(([words, { options }]) =>
    options
      .filter(({ required, optional }) => required || optional)
      .map((option) => ({ words, option })),
  );

/** Parses words in this process; gives the message of the mistake, or `undefined`. */
async function parsed(args: readonly string[]): Promise<string | undefined> {
  let said = '';
  const parsing = program();
  for (const [, command] of all(parsing)) {
    command.exitOverride();
    command.configureOutput({ writeErr: (text) => (said += text), writeOut: () => {} });
    command.action(() => {});
  }
  await parsing.parseAsync(args, { from: 'user' }).catch(() => {});
  return said === '' ? undefined : said;
}

test('an empty value is an error, for every option of every command', async () => {
  expect(withValue().length).toBeGreaterThan(40);
  for (const { words, option } of withValue()) {
    for (const empty of ['', ' ', '\t']) {
      const said = await parsed([...words, String(option.long), empty]);
      expect(said, `${words.join(' ')} ${option.flags}`).toMatch(/is empty|choices|is invalid/);
    }
  }
});

test('a misspelt option is named as unknown, before one that is missing, in every command', async () => {
  const misspelt = table().flatMap(([words, command]) => {
    const longs = command.options.flatMap(({ long }) => (typeof long === 'string' ? [long] : []));
    return longs.flatMap((long) => {
      const wrong = long.slice(0, -1);
      if (command.commands.length > 0 || wrong.length < 5 || longs.includes(wrong)) return [];
      return [
        { args: [...words, wrong, 'x'], wrong },
        { args: [...words, `${wrong}=x`], wrong },
      ];
    });
  });
  expect(misspelt.length).toBeGreaterThan(100);
  for (const { args, wrong } of misspelt) {
    const said = (await parsed(args)) ?? '';
    const [first = ''] = said.split('\n');
    expect([args, first]).toEqual([args, expect.stringMatching(/^error: unknown option '--/)]);
    expect(first).toContain(wrong);
  }
});

test.each([
  [['plan', '--fro', 'open', '--to', 'closed'], "'--fro'\n(Did you mean --from?)"],
  [['plan', '--from', 'open', '--too', 'closed'], "'--too'\n(Did you mean --to?)"],
  [['explain', 'CLOSE', '--form', 'open'], "'--form'\n(Did you mean --from?)"],
  [['outbox', 'skip', '7', '--notes', 'old'], "'--notes'\n(Did you mean --note?)"],
])('%j names the option that was meant', async (args, said) => {
  const { code, stdout, stderr } = await runHere(args);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(`error: unknown option ${said}`);
  const json = await runHere([...args, '--json']);
  expect(json.stderr).toMatch(/"message":"unknown option '--/);
});

test('a missing option is still named where no other is unknown', async () => {
  expect(await parsed(['plan', '--to', 'closed'])).toContain("'--from <state>' not specified");
  expect(await parsed(['outbox', 'skip', '7'])).toContain("'--note <text>' not specified");
});

test.each([
  [['apply', '']],
  [['apply', '', '--dry-run']],
  [['replay', '', '--id', 'k', '--state', 's']],
  [['observe', 'T-1', '']],
  [['completion', '']],
  [['help', '']],
  [['outbox', 'redrive', '']],
  [['outbox', 'skip', '', '--note', 'old']],
])('an empty argument is an error: %j', async (args) => {
  const { code, stdout, stderr } = await runHere(args, {
    env: { SERIES_API_KEY: 'sk-never-used' },
  });
  expect([[2, 65].includes(code ?? 0), stdout]).toEqual([true, '']);
  expect(stderr).toMatch(/^error: /);
});

// A value that the option takes.
const valueOf = (flags: string, choices: readonly string[] | undefined): string =>
  choices?.[0] ??
  (/<(n|ms|pixels)>/.test(flags)
    ? '7'
    : flags.includes('<duration>')
      ? '7s'
      : flags.includes('<share>')
        ? '0.5'
        : flags.includes('<json>')
          ? '{}'
          : 'word');

const adding = [
  '--only',
  '--where',
  '--fault',
  '--map',
  '--prefer',
  '--check',
  '--write',
  '--ignore',
  '--sla',
  '--fail-on',
];

test('a repeated option adds up if it takes a list, and else it is refused', async () => {
  const lists = new Set<string>();
  for (const { words, option } of withValue()) {
    const value = valueOf(option.flags, option.argChoices);
    const given = [String(option.long), value];
    const said = (await parsed([...words, ...given, ...given])) ?? '';
    const isRefused = said.includes('was given already');
    if (!isRefused) lists.add(String(option.long));
  }
  expect([...lists].sort()).toEqual(adding.toSorted());
});

test('lists add up in the order in which they were given', async () => {
  const { code, stdout } = await runHere(
    ['replay', '-', '--id', 'k', '--state', 's', '--map', 'New=open', '--map', 'Done=closed'],
    { input: 'k,s\nA,New\nA,Done\n' },
  );
  expect(code).toBe(0);
  expect(stdout).not.toContain('Without a meaning');
});

test.each([[['--journal', 'j', '--no-journal']], [['--no-journal', '--journal', 'j']]])(
  'an option and its opposite are refused: %j',
  async (args) => {
    const { code, stderr } = await runHere(['apply', 'x.csv', ...args]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('was given already')]);
  },
);

test('a switch says the same however often it is given', async () => {
  expect(
    (await runHere(['plan', '--from', 'open', '--to', 'closed', '--json', '--json'])).code,
  ).toBe(0);
});

const lines = ['T-1', 'T-2', 'T-3'].map((ticketId) => ({
  ticketId,
  event: 'START',
  staffUserId: 7,
  from: 'open',
}));
const csv = `ticketId,event,staffUserId,from\n${lines.map((line) => Object.values(line).join()).join('\n')}\n`;

test.each([
  ['CSV', 'b.csv', csv],
  ['NDJSON', 'b.ndjson', ndjson(...lines)],
])('no empty choice sends anything: %s', async (_, name, content) => {
  const { url, sandbox } = await sandboxWith({
    tickets: lines.map(({ ticketId }) => ({ ticketId })),
  });
  const changes = file(name, content);
  const choices = [
    ['--only', ''],
    ['--only', ' , '],
    ['--only', 'T-1,'],
    ['--only', ',T-1'],
    ['--where', ''],
    ['--where', 'staffUserId='],
    ['--where', 'staffUserId!='],
    ['--staff-user-id', ''],
    ['--definition', ''],
    ['--resume', ''],
    ['--journal', ''],
    ['--report', ''],
    ['--format', ''],
    ['--base-url', ''],
  ];
  for (const choice of choices) {
    const { code, stderr } = await runHere(['apply', changes, '--base-url', url, ...choice]);
    expect([choice, code, stderr]).toEqual([choice, 2, expect.stringContaining(choice[0] ?? '')]);
  }
  expect(sandbox.record().requests).toBe(0);
});

test.each([
  ['apply', '--staff-id', '--staff-user-id'],
  ['apply', '--staff-id=7', '--staff-user-id'],
  ['apply', '--per-second', '--requests-per-second'],
  ['apply', '--user-id', '--staff-user-id'],
])('%s %s lacks a word of an option, which is suggested', async (command, given, meant) => {
  const { code, stderr } = await runHere([command, 'changes.csv', given]);
  const [name = ''] = given.split('=');
  expect([code, stderr]).toEqual([
    2,
    expect.stringContaining(`unknown option '${name}'\n(Did you mean ${meant}?)`),
  ]);
});
