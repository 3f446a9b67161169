import { faultMeanings } from '../faults/fault-kinds.ts';
import type { FaultResult } from './fault-trial.ts';
import type { ClientReport, ConformanceReport } from './run.ts';

const legend: Readonly<Record<FaultResult, readonly [mark: string, meaning: string]>> = {
  survived: ['✓', 'changed exactly once, or rightly not at all, and it says so'],
  'in doubt': ['?', 'it says that it does not know'],
  lost: ['lost', 'not changed, though sending again was safe'],
  wrong: ['wrong', 'it tells its caller the contrary of what happened, or does something else'],
  duplicated: ['twice', 'written more than once'],
  hung: ['hung', 'no word within the deadline'],
  'key leaked': ['key', 'the API key went to another host'],
};

const mostProblems = 5;

/**
 * Writes a report as Markdown: a table of the clients, and one of every fault.
 *
 * @example
 * ```ts
 * import { conformanceMarkdown, runConformance } from '@ticket-lifecycle/sandbox/conformance';
 *
 * const lazy = { name: 'lazy', connect: () => ({ changeStatus: async () => 'unknown' as const }) };
 * const report = await runConformance([lazy], { faults: ['404'], changes: 0 });
 * console.log(conformanceMarkdown(report).includes('| lazy |')); // true
 * ```
 */
export function conformanceMarkdown({ clients, timeoutMs }: ConformanceReport): string {
  const faults = clients[0]?.faults.map(({ fault }) => fault) ?? [];
  const total = faults.length;
  const withLoad = clients.filter(({ load }) => load !== undefined);
  const marks = faults.map((fault, row) => [
    `\`${fault}\``,
    ...clients.map((client) => markOf(client, row)),
    faultMeanings[fault],
  ]);
  const sections = [
    `Each client changes one ticket while its first write meets a fault, ${total} faults in all. It may wait ${timeoutMs} ms for an answer.`,
    table(
      [
        'client',
        `survived of ${total}`,
        'in doubt',
        'lost',
        'written twice',
        'wrong',
        'hung',
        'key leaked',
      ],
      clients.map((client) => [
        client.client,
        client.survived,
        client.inDoubt,
        client.lost,
        client.duplicates,
        client.wrong,
        client.hung,
        client.keysLeaked,
      ]),
    ),
    ...(withLoad.length === 0 ? [] : loadSections(withLoad)),
    table(['fault', ...clients.map(({ client }) => client), 'what it does'], marks),
    Object.values(legend)
      .map(([mark, meaning]) => `**${mark}** ${meaning}`)
      .join(' · '),
    ...problemsOf(clients),
  ];
  return `${sections.join('\n\n')}\n`;
}

function loadSections(clients: readonly ClientReport[]): string[] {
  const changes = clients[0]?.load?.changes ?? 0;
  return [
    `Then it is asked for ${changes} changes at once, three in a row of each ticket, under a limit of 25 requests in any second.`,
    table(
      ['client', '429s', 'in doubt', 'lost', 'written twice', 'wrong', 'out of order', 'seconds'],
      clients.map(({ client, load }) => [
        client,
        load?.limited ?? 0,
        load?.inDoubt ?? 0,
        load?.lost ?? 0,
        load?.duplicates ?? 0,
        load?.wrong ?? 0,
        load?.outOfOrder ?? 0,
        ((load?.tookMs ?? 0) / 1000).toFixed(1),
      ]),
    ),
  ];
}

function problemsOf(clients: readonly ClientReport[]): string[] {
  const lines = clients.flatMap(({ client, faults: trials, load }) => {
    const seen = trials.flatMap(({ fault, problems }) =>
      problems.map((problem) => [problem, `\`${fault}\``] as const),
    );
    const underLoad = load?.problems.map((problem) => [problem, 'many at once'] as const) ?? [];
    // One mistake of a client shows under most faults: the first time is enough.
    const first = new Map([...seen, ...underLoad].toReversed());
    const all = [...first].toReversed().map(([text, where]) => `- ${client}, ${where}: ${text}`);
    const more = all.length - mostProblems;
    return more > 0 ? [...all.slice(0, mostProblems), `- ${client}: ${more} more`] : all;
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function markOf({ faults }: ClientReport, row: number): string {
  const trial = faults[row];
  return trial === undefined ? '' : legend[trial.result][0];
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]) =>
    `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  const ruler = head.map((_, index) => (index === 0 ? '---' : ':-:'));
  return [head, ruler, ...rows].map(line).join('\n');
}
