import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { file, folder, runHere } from '../support/cli.ts';
import { slowFigures, type SlowRow } from '../support/slow-figures.ts';

// Every figure of the report is computed a second time, in the plainest way, and compared.

const map = 'New=open,Active=in-progress,Awaiting *=in-progress,Resolved=resolved,Closed=closed';
const meaningOf = (word: string): string | undefined =>
  word.startsWith('Awaiting ')
    ? 'in-progress'
    : { New: 'open', Active: 'in-progress', Resolved: 'resolved', Closed: 'closed' }[word];

async function expectSame(
  log: string,
  rows: readonly SlowRow[],
  promiseMs: number,
  flags: string[],
) {
  const { objects } = await runHere([
    'replay',
    log,
    '--id=number',
    '--state=incident_state',
    `--map=${map}`,
    '--time=sys_updated_at',
    '--by=sys_updated_by',
    '--sla=in-progress=3d',
    '--json',
    ...flags,
  ]);
  const all = objects();
  const slow = slowFigures(rows, meaningOf, { status: 'in-progress', promiseMs });
  const summary = all.at(-1) as Record<string, unknown>;
  expect(summary).toMatchObject(slow.summary);
  const { kinds, groups, variants, times } = summary as unknown as {
    kinds: Record<string, number>;
    groups: { name: string; tickets: number }[];
    variants: { statuses: string[]; tickets: number }[];
    times: { statuses: Record<string, { share: number }> };
  };
  const { edge, path = 0, skipped = 0 } = kinds;
  expect({ edge, path: path + skipped, unknown: kinds['unknown-status'] }).toEqual(slow.kinds);
  const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1);
  expect(groups.toSorted(byName)).toMatchObject(
    slow.groups.filter(({ tickets }) => tickets > 0).toSorted(byName),
  );
  expect(new Map(variants.map((way) => [way.statuses.join(' > '), way.tickets]))).toEqual(
    slow.ways,
  );
  for (const [name, share] of Object.entries(slow.shares)) {
    expect(times.statuses[name]?.share).toBeCloseTo(share, 10);
  }
  expect(
    all.slice(0, -1).map(({ line, ticketId, from, to }) => [line, ticketId, from, to]),
  ).toEqual(slow.changes);
}

/** A log of many tickets: late rows, ties, words without a meaning, tickets that come back. */
function madeLog(seed: number): string {
  let state = seed;
  const below = (limit: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
  const words = ['New', 'Active', 'Awaiting Vendor', 'Resolved', 'Closed', 'Active', 'On hold'];
  const clocks = new Map<number, number>();
  const lines = Array.from({ length: 3000 }, () => {
    const ticket = below(400);
    const before = clocks.get(ticket) ?? Date.UTC(2026, 0, 1) + below(5e9);
    const at = before + (below(10) === 0 ? -below(4e7) : below(6) * 25_000_000);
    clocks.set(ticket, at);
    const [, year, month, day, time] =
      /(\d+)-(\d+)-(\d+)T(\d+:\d+)/.exec(new Date(at).toISOString()) ?? [];
    const word = below(60) === 0 ? 'On hold' : words[below(6)];
    return `INC${ticket},${word},Team ${below(4)},${day}-${month}-${year} ${time}`;
  });
  return `number,incident_state,sys_updated_by,sys_updated_at\n${lines.join('\n')}\n`;
}

/** Takes a log apart without the reader: no cell of it has a comma or a quote. */
function rowsOf(text: string): SlowRow[] {
  const [header = '', ...lines] = text.trim().split('\n');
  const columns = header.split(',');
  return lines.map((line, index) => {
    const cells = line.split(',');
    const cell = (name: string) => cells[columns.indexOf(name)] ?? '';
    const [date = '', time = ''] = cell('sys_updated_at').split(' ');
    const at = Date.parse(`${date.split('-').toReversed().join('-')}T${time}:00Z`);
    const [id, word] = [cell('number'), cell('incident_state')];
    return { line: index + 2, id, word, group: cell('sys_updated_by'), at };
  });
}

test.each([1, 2, 3])('every figure equals a slow computation, made log %i', async (seed) => {
  const text = madeLog(seed);
  const flags = seed === 2 ? ['--complete'] : [];
  await expectSame(file('log.csv', text), rowsOf(text), 3 * 86_400_000, flags);
});

const realLog = fileURLToPath(
  new URL('../../../../../shared/data/servicenow-incidents.csv', import.meta.url),
);

test('every figure equals a slow computation, the log of a real service desk', async ({ skip }) => {
  if (!existsSync(realLog)) skip('../shared/data/servicenow-incidents.csv is not here');
  await expectSame(realLog, rowsOf(readFileSync(realLog, 'utf8')), 3 * 86_400_000, []);
});

test('text, page and JSON show the same figures', async () => {
  const text = madeLog(4);
  const log = file('log.csv', text);
  const page = `${folder()}/r.html`;
  const args = ['replay', log, '--time', 'sys_updated_at', '--map', map, '--sla', 'open=8h'];
  const { stdout } = await runHere([...args, '--html', page]);
  const summary = (await runHere([...args, '--json'])).objects().at(-1) as {
    changes: number;
    conformance: { following: number };
    sla: { visits: number; over: number }[];
    variants: { tickets: number }[];
    rework: { reopens: number };
  };
  const shown = (value: number) => String(value).replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const html = readFileSync(page, 'utf8');
  const { conformance, sla, variants, rework } = summary;
  expect(stdout).toContain(`${shown(summary.changes)} changes of`);
  expect(html).toContain(`${shown(summary.changes)} changes of`);
  expect(stdout).toMatch(new RegExp(`^ +${conformance.following} {2}follow the lifecycle`, 'm'));
  expect(html).toContain(`${conformance.following} of `);
  expect(stdout).toContain(`${shown(sla[0]?.over ?? -1)} of ${shown(sla[0]?.visits ?? -1)} visits`);
  expect(html).toContain(`<td class="number">${shown(sla[0]?.over ?? -1)}</td>`);
  expect(stdout).toMatch(new RegExp(`^Ways: ${shown(variants.length)}$`, 'm'));
  expect(stdout).toContain(`, ${shown(rework.reopens)} times`);
  expect(html).toContain(`${shown(rework.reopens)} times`);
});
