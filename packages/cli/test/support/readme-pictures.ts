import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
const program = ['--conditions=@ticket-lifecycle/source', `${root}packages/cli/src/bin.ts`];

/*
 * Each package shows a picture in its README, on npm too, which draws no Mermaid. The command line
 * draws them: node --conditions=@ticket-lifecycle/source packages/cli/test/support/readme-pictures.ts
 */

/** The pictures by their packages: what the command line is asked for. */
const pictures: Readonly<Record<string, (folder: string) => readonly string[]>> = {
  core: () => ['--title', 'The lifecycle of a ticket'],
  diagram: () => ['--title', 'The lifecycle of a ticket'],
  series: (folder) => [
    '--definition',
    helpDeskIn(folder),
    '--at',
    'in-progress',
    '--title',
    'A ticket in progress, without a solution',
  ],
  outbox: () => ['--at', 'resolved', '--title', 'A ticket that is resolved by now'],
  sandbox: () => ['--title', 'The common changes'],
  cli: (folder) => ['--counts', incidentsIn(folder), '--title', '890 incidents of a service desk'],
};

export const picturePackages = Object.keys(pictures);
const pictureOf = (name: string): string => join(root, 'packages', name, 'lifecycle.svg');

/** Draws all of them anew, or checks them: what the command line says, and how it ends. */
export function runOnPictures(flag: '--write' | '--check') {
  const folder = mkdtempSync(join(tmpdir(), 'ticket-lifecycle-'));
  try {
    return Object.entries(pictures).map(([name, args]) => {
      const words = [...program, 'diagram', ...args(folder), flag, pictureOf(name)];
      const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
      return { name, status, stdout };
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function helpDeskIn(folder: string): string {
  const file = join(folder, 'help-desk.mts');
  const example = join(root, 'packages/core/examples/help-desk.ts');
  writeFileSync(file, `export { helpDesk as default } from ${JSON.stringify(example)};\n`);
  return file;
}

/** A log whose changes are those that were counted. */
function incidentsIn(folder: string): string {
  const { changes } = JSON.parse(readFileSync(join(root, 'docs/data/incidents.json'), 'utf8')) as {
    changes: readonly { from: string; to: string; count: number }[];
  };
  const tickets = changes.flatMap(({ from, to, count }) =>
    Array.from({ length: count }, () => [from, to]),
  );
  const rows = tickets.flatMap((statuses, index) =>
    statuses.map((status) => `T${index},${status}`),
  );
  const file = join(folder, 'incidents.csv');
  writeFileSync(file, ['id,state', ...rows, ''].join('\n'));
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runOnPictures('--write');
