import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { file, run, runHere } from '../support/cli.ts';
import { picturePackages, runOnPictures } from '../support/readme-pictures.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const stalePage = `# Ours\r
\r
<!-- ticket-lifecycle diagram -->\r
old\r
<!-- /ticket-lifecycle diagram -->\r
\r
\`the rest\` stays  \r
`;

/** A path in a folder that is gone after the test. */
function pathOf(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-'));
  onTestFinished(() => rmSync(directory, { recursive: true }));
  return join(directory, name);
}

test('every README of ours, and the guide, show the lifecycle as it is', async () => {
  const names = [
    'README.md',
    'docs/guides/diagrams.md',
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
  ];
  const pages = names
    .map((name) => join(root, name))
    .filter((path) => statSync(path, { throwIfNoEntry: false }) !== undefined)
    .filter((path) => /^<!-- ticket-lifecycle diagram -->$/m.test(readFileSync(path, 'utf8')));
  expect(pages.length).toBeGreaterThanOrEqual(2);
  const { code, stdout, stderr } = await runHere(['diagram', '--check', ...pages]);
  // The guide shows markers as examples, which is said.
  const notes = stderr.split('\n').filter((line) => !line.endsWith('so it is an example'));
  expect([code, stdout, notes]).toEqual([0, '', ['']]);
});

test('the pictures that npm shows in our READMEs are fresh, and in their packages', () => {
  const shown = readdirSync(join(root, 'packages')).filter((name) => {
    const readme = join(root, 'packages', name, 'README.md');
    const isThere = statSync(readme, { throwIfNoEntry: false }) !== undefined;
    return isThere && /^!\[.+\]\(lifecycle\.svg\)$/m.test(readFileSync(readme, 'utf8'));
  });
  expect(shown).toEqual(picturePackages.toSorted());
  for (const name of shown) {
    const { files } = JSON.parse(
      readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
    ) as { files: string[] };
    expect(files).toContain('lifecycle.svg');
  }
  const fresh = picturePackages.map((name) => ({ name, status: 0, stdout: '' }));
  expect(runOnPictures('--check')).toEqual(fresh);
});

test('without files the diagram is printed, by default as Mermaid', async () => {
  const mermaid = await runHere(['diagram', '--at', 'resolved']);
  expect([mermaid.code, mermaid.stderr]).toEqual([0, '']);
  expect(mermaid.stdout).toMatch(/^stateDiagram-v2\n/);
  expect(mermaid.stdout).toContain('resolved --> closed: ✓ CLOSE\n');
  expect((await runHere(['diagram', '--format', 'dot'])).stdout).toMatch(/^digraph lifecycle \{\n/);
  const svg = await runHere(['diagram', '--format', 'svg', '--title', 'Ours']);
  expect(svg.stdout).toMatch(/^<svg [^]*>Ours<[^]*<\/svg>\n$/);
  const playable = await runHere(['diagram', '--format', 'svg', '--playable']);
  expect(playable.stdout).toContain('<metadata>');
});

test('a log makes edges as thick as they are frequent', async () => {
  const log = file(
    'log.csv',
    'id,state\nA,new\nA,in-progress\nA,resolved\nB,new\nB,in-progress\nC,new\nC,resolved\nC,elsewhere\n',
  );
  const args = ['--counts', log, '--map', 'new=open'];
  const { code, stdout, stderr } = await runHere(['diagram', '--format', 'dot', ...args]);
  expect(code).toBe(0);
  expect(stdout).toContain('label="START · 2"');
  expect(stdout).toContain('label="RESOLVE · 1"');
  expect(stdout).toContain('label="1\\nSTART, RESOLVE at once"');
  expect(stderr).toContain(
    '1 of its changes are from or to a state that the lifecycle does not have',
  );

  const picture = pathOf('ours.svg');
  await runHere(['diagram', ...args, '--write', picture]);
  expect((await runHere(['diagram', ...args, '--check', picture])).code).toBe(0);
  const stale = await runHere([
    'diagram',
    '--counts',
    log,
    '--map',
    'new=closed',
    '--check',
    picture,
  ]);
  expect([stale.code, stale.stderr]).toEqual([
    1,
    expect.stringContaining(`--counts ${log} --map new=closed --write ${picture}`),
  ]);
});

test('a log that shows nothing of the lifecycle is named', async () => {
  const log = file('log.csv', 'id,state\nA,x\nA,y\n');
  const { code, stderr } = await runHere(['diagram', '--counts', log]);
  expect(code).toBe(65);
  expect(stderr).toContain('log.csv has no change between states of this lifecycle');
});

test('an image is written to a file', async () => {
  const image = pathOf('ours.png');
  const { code, stdout, stderr } = await runHere(['diagram', '--at', 'open', '--write', image]);
  expect([code, stdout, stderr]).toEqual([0, '', `${image}: drawn again\n`]);
  expect(readFileSync(image).subarray(1, 4).toString()).toBe('PNG');
});

test('files keep the options of their drawings, each its own, so that one check does for all', async () => {
  const page = file(
    'page.md',
    '<!-- ticket-lifecycle diagram -->\n<!-- /ticket-lifecycle diagram -->\n',
  );
  const [playable, standing, graph, plain] = ['p.svg', 'at.mmd', 'g.dot', 'plain.svg'].map(pathOf);
  const files = [page, playable, standing, graph, plain] as string[];
  const write = async (...args: readonly (string | undefined)[]) => {
    expect((await runHere(['diagram', ...(args as string[])])).code).toBe(0);
  };
  await write('--playable', '--width', '390', '--title', 'Two "words"', '--write', playable);
  await write('--at', 'resolved', '--write', standing);
  await write('--no-group', '--direction', 'down', '--guards', 'none', '--write', graph);
  await write('--write', plain, page);
  const texts = () => files.map((one) => readFileSync(one, 'utf8'));
  const before = texts();
  expect(before[1]).toContain('<metadata>');

  const checked = await runHere(['diagram', '--check', ...files]);
  expect([checked.code, checked.stdout, checked.stderr]).toEqual([0, '', '']);
  await write('--write', ...files);
  expect(texts()).toEqual(before);
  // What is for an SVG alone goes into those files that are one.
  await write('--playable', '--write', page, playable);
  expect(texts()).toEqual(before);
});

test('a stale file is drawn again as it was, by what the check advises', async () => {
  const picture = pathOf('p.svg');
  await runHere(['diagram', '--playable', '--at', 'open', '--write', picture]);
  const fresh = readFileSync(picture, 'utf8');
  writeFileSync(picture, fresh.replace('<title', '<desc'));
  const stale = await runHere(['diagram', '--check', picture]);
  expect([stale.code, stale.stdout]).toEqual([1, `${picture}:1: the diagram is stale\n`]);
  expect(stale.stderr).toBe(`\nDraw again with:\n  ticket-lifecycle diagram --write ${picture}\n`);
  await runHere(['diagram', '--write', picture]);
  expect(readFileSync(picture, 'utf8')).toBe(fresh);
});

test('a stale file that keeps no options says that it may have had some', async () => {
  const { stdout } = await runHere(['diagram', '--at', 'open', '--format', 'svg']);
  const picture = file('by-hand.svg', stdout);
  const { code, stderr } = await runHere(['diagram', '--check', picture]);
  expect(code).toBe(1);
  expect(stderr).toContain(
    `${picture} keeps no options. If it was drawn with some, such as --at, add`,
  );
});

test('a file that was drawn with a log asks for it again', async () => {
  const log = file('log.csv', 'id,state\nA,open\nA,in-progress\n');
  const picture = pathOf('seen.svg');
  await runHere(['diagram', '--counts', log, '--write', picture]);
  const before = readFileSync(picture, 'utf8');
  for (const kind of ['--check', '--write']) {
    const { code, stderr } = await runHere(['diagram', kind, picture]);
    expect([code, stderr]).toEqual([
      2,
      `error: ${picture}: the file was drawn with counts, which it does not keep. Give counts again, or delete the file to draw it without.\n`,
    ]);
  }
  expect(readFileSync(picture, 'utf8')).toBe(before);
  expect((await runHere(['diagram', '--counts', log, '--check', picture])).code).toBe(0);
});

test('a stale diagram is named with its line and with what cures it, and nothing is changed', async () => {
  const page = file('page.md', stalePage);
  const picture = pathOf("it's.svg");
  const { code, stdout, stderr } = await runHere([
    'diagram',
    '--title',
    'Two words',
    '--check',
    page,
    picture,
  ]);
  expect(code).toBe(1);
  expect(stdout).toBe(`${page}:3: the diagram is stale\n${picture}:1: the diagram is stale\n`);
  const [, quoted = ''] = picture.split("it's");
  expect(stderr).toContain(
    `ticket-lifecycle diagram --title 'Two words' --write ${page} '${picture.replace("'", String.raw`'\''`)}'`,
  );
  expect(quoted).toBe('.svg');
  expect(readFileSync(page, 'utf8')).toBe(stalePage);
});

test('what was drawn anew is fresh, and the rest of the page is as it was', async () => {
  const page = file('page.md', stalePage);
  const picture = pathOf('ours.svg');
  const written = await runHere(['diagram', '--write', page, picture]);
  expect([written.code, written.stdout]).toEqual([0, '']);
  expect(written.stderr).toContain(`${page}: drawn again`);
  const text = readFileSync(page, 'utf8');
  expect(text.startsWith(stalePage.slice(0, stalePage.indexOf('old')))).toBe(true);
  expect(text.endsWith(stalePage.slice(stalePage.indexOf('<!-- /')))).toBe(true);
  expect(text).toContain('```mermaid\r\nstateDiagram-v2\r\n');
  expect(text).not.toMatch(/[^\r]\n/);

  const checked = await runHere(['diagram', '--check', page, picture]);
  expect([checked.code, checked.stdout, checked.stderr]).toEqual([0, '', '']);
  const again = await runHere(['diagram', '--write', page]);
  expect(again.stderr).toBe(`${page}: was fresh already\n`);
});

test.each(['dot', 'mermaid'])('a marker keeps its format %s without --format', async (format) => {
  const page = file(
    'page.md',
    `<!-- ticket-lifecycle diagram format=${format} -->\n<!-- /ticket-lifecycle diagram -->\n`,
  );
  expect((await runHere(['diagram', '--write', page])).code).toBe(0);
  expect(readFileSync(page, 'utf8')).toContain(`\`\`\`${format}\n`);
  expect((await runHere(['diagram', '--check', page])).code).toBe(0);
});

test.each(['svg', 'nonsense'])(
  'a marker with the format %s is refused by its line',
  async (format) => {
    const marker = `<!-- ticket-lifecycle diagram format=${format} -->`;
    const page = file('page.md', `\n${marker}\n<!-- /ticket-lifecycle diagram -->\n`);
    const { code, stderr } = await runHere(['diagram', '--check', page]);
    expect([code, stderr]).toEqual([
      65,
      `error: ${page}:2: option "format" must be one of "mermaid", "dot", received "${format}", in the marker on line 2.\n`,
    ]);
  },
);

test('a lifecycle of your own is drawn, with why something is blocked', async () => {
  const definition = file(
    'own.mjs',
    `export default {
      initial: 'open',
      states: { open: { on: { CLOSE: 'closed' } }, closed: { meta: { label: 'Done "&" dusted' }, type: 'final' } },
    };`,
  );
  const { code, stdout } = await run(['diagram', '--definition', definition]);
  expect(code).toBe(0);
  expect(stdout).toContain('state "Done #34;#38;#34; dusted" as closed\n');
  const page = file('page.md', stalePage);
  const { stderr } = await run(['diagram', '--definition', definition, '--check', page]);
  expect(stderr).toContain(`--definition ${definition} --write ${page}`);
});

test('a definition says in which words it is drawn', async () => {
  const machine = `export default {
    initial: 'open',
    states: { open: { on: { CLOSE: { target: 'closed', guard: 'g' } } }, closed: { type: 'final' } },
  };
  export const guards = { g: () => false };`;
  const own = file(
    'own.mjs',
    `${machine}
    export const drawing = {
      guardLabels: { g: 'nur die Leitung' },
      messages: { guard: () => 'Das darf nur die Leitung.' },
      words: { title: 'Der Weg', keyBlocked: 'jetzt gesperrt' },
    };`,
  );
  const definition = ['--definition', own];
  const plain = await run(['diagram', ...definition]);
  expect(plain.stdout).toContain('accTitle: Der Weg\n');
  expect(plain.stdout).toContain('nur die Leitung');
  const picture = pathOf('ours.svg');
  const page = file('page.md', stalePage);
  await run(['diagram', ...definition, '--at', 'open', '--write', picture, page]);
  const svg = readFileSync(picture, 'utf8');
  expect(svg).toContain('>jetzt gesperrt<');
  expect(svg.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')).toContain(
    'Das darf nur die Leitung.',
  );
  const checked = await run(['diagram', ...definition, '--check', picture, page]);
  expect([checked.code, checked.stdout]).toEqual([0, '']);

  for (const [drawing, message] of [
    [`{ lable: {} }`, 'its export "drawing" has "lable"'],
    [`7`, 'its export "drawing" is not an object'],
    [`{ words: { jumpp: '' } }`, 'and not by "jumpp"'],
  ] as const) {
    const wrong = file('wrong.mjs', `${machine}\nexport const drawing = ${drawing};`);
    const { code, stderr } = await run(['diagram', '--definition', wrong]);
    expect(code).not.toBe(0);
    expect(stderr).toContain(message);
  }
});

test('a page without a block, or with half of one, is no page that was checked', async () => {
  const bare = file('bare.mdx', 'no diagram\n');
  const none = await runHere(['diagram', '--check', bare]);
  expect([none.code, none.stdout]).toEqual([65, '']);
  expect(none.stderr).toContain('{/* /ticket-lifecycle diagram */}');

  const half = file('half.md', '\n<!-- ticket-lifecycle diagram -->\n');
  const unpaired = await runHere(['diagram', '--write', half]);
  expect(unpaired.code).toBe(65);
  expect(unpaired.stderr).toBe(`error: ${half}:2: this diagram marker has no closing one.\n`);

  const bytes = file('latin1.md', Uint8Array.of(0xe4, 0x0a));
  expect((await runHere(['diagram', '--write', bytes])).stderr).toContain('is not valid UTF-8');
});

test('when one file can’t be looked after, none is written', async () => {
  const page = file('page.md', stalePage);
  const { code } = await runHere(['diagram', '--write', page, file('bare.md', 'no diagram\n')]);
  expect(code).toBe(65);
  expect(readFileSync(page, 'utf8')).toBe(stalePage);
});

test.each([
  [
    ['--at', 'opne'],
    'Unknown state "opne". Expected one of open, in-progress, resolved, closed (did you mean open?)',
  ],
  [['--format', 'gif'], 'Allowed choices are svg, png, mermaid, dot.'],
  [['--format', 'png'], 'Add --write lifecycle.png'],
  [['--check', 'a.png'], 'Check an SVG instead'],
  [['--check', 'a.md', '--write', 'a.md'], 'cannot be used with'],
  [['--check', 'a.txt'], 'cannot hold a diagram. Expected a name that ends in one of'],
  [['--check', 'a.svg', '--format', 'dot'], 'its name says svg, and --format says dot'],
  [['--check', 'a.md', '--format', 'svg'], 'Write it to a .svg file and link that'],
  [['--check', 'gone.md'], 'gone.md does not exist'],
  [['--name', 'x'], 'Add --write or --check'],
  [['--playable'], 'Add --format svg'],
  [['--playable', '--check', 'a.md'], '--playable is for an SVG, and no file here is one: a.md.'],
  [
    ['--width', '390', '--write', 'a.dot'],
    '--width is for an SVG, and no file here is one: a.dot.',
  ],
  [['--map', 'a=open'], 'Add --counts FILE'],
  [['--no-header'], '--no-header is for a log. Add --counts FILE'],
  [['--write', 'no-folder/x.svg'], `x.svg can't be written: its folder does not exist.`],
])('a mistake in %j is named', async (args, message) => {
  const { code, stdout, stderr } = await runHere(['diagram', ...args]);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toContain(message);
});
