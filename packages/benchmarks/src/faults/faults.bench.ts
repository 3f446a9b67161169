import { conformanceMarkdown, runConformance } from '@ticket-lifecycle/sandbox/conformance';
import type { Benchmark } from '../benchmark.ts';
import { table } from '../table.ts';
import { changesPerBatch, runBatch } from './batch.ts';
import { checkBatch, type Mistake } from './check-batch.ts';
import { retryingClients } from './peers.ts';

// Of a hundred changes some seventy are sent; the others are blocked or there already.
const batches = 200;
const firstSeed = 1;

export const run: Benchmark = async ({ progress }) => {
  const only = process.env['FAULTS_SEED'];
  if (only !== undefined) return replay(Number(only));

  const mistakes: Mistake[] = [];
  const outcomes = new Map<string, number>();
  const kinds = new Map<string, number>();
  let changes = 0;
  let sent = 0;
  let requests = 0;
  let passedMs = 0;
  for (let seed = firstSeed; seed < firstSeed + batches; seed += 1) {
    const batch = await runBatch(seed);
    mistakes.push(...checkBatch(batch));
    changes += batch.changes.length;
    requests += batch.sandbox.record().requests;
    passedMs += batch.passedMs;
    for (const { outcome } of batch.changes) {
      count(outcomes, outcome?.kind ?? 'none');
      if ((outcome?.attempts ?? 0) > 0) sent += 1;
    }
    for (const [kind, times] of Object.entries(batch.sandbox.record().faults)) {
      kinds.set(kind, (kinds.get(kind) ?? 0) + times);
    }
    if (seed % 25 === 0) progress(`${changes} changes, ${mistakes.length} mistakes`);
  }

  const report = await runConformance(retryingClients, {
    changes: 0,
    onClient: ({ client, duplicates }) => progress(`${client}: ${duplicates} duplicates`),
  });
  const countOf = (kind: Mistake['kind']) =>
    mistakes.filter((mistake) => mistake.kind === kind).length;
  const figures = {
    changes,
    sent,
    requests,
    faultsMet: [...kinds.values()].reduce((sum, one) => sum + one, 0),
    faultKinds: kinds.size,
    blindDuplicates: countOf('blind-duplicate'),
    lost: countOf('lost'),
    wrongVerdicts: countOf('wrong-verdict'),
    unknown: outcomes.get('unknown') ?? 0,
    ...Object.fromEntries(
      report.clients.flatMap(({ client, duplicates, lost, wrong }) => [
        [`${client} duplicates`, duplicates],
        [`${client} lost`, lost],
        [`${client} wrong`, wrong],
      ]),
    ),
  };
  const markdown = [
    `## ${changes} changes, a fifth of all requests with a fault`,
    '',
    `${batches} batches of ${changesPerBatch} changes, seeds ${firstSeed} to ${firstSeed + batches - 1}, on a clock that passes time only when nothing else is left to do (${Math.round(passedMs / 60_000)} minutes in all). A colleague moves tickets at will, and some requests arrive after their client has given up. Each outcome is checked against the record of the server; each change is verified, since one of the faults is a success that changed nothing.`,
    '',
    table('figure | number', [
      ['changes asked for', changes],
      ['of which sent', sent],
      ['requests', requests],
      [`faults met, of ${figures.faultKinds} kinds`, figures.faultsMet],
      ['sent twice blindly', figures.blindDuplicates],
      ['lost', figures.lost],
      ['wrong verdicts', figures.wrongVerdicts],
      ...[...outcomes].map(([kind, times]) => [`ended \`${kind}\``, times]),
    ]),
    '',
    ...describeMistakes(mistakes),
    '## The same faults, over real HTTP, beside what others retry',
    '',
    conformanceMarkdown(report),
  ];
  return { markdown: markdown.join('\n'), figures };
};

/** Runs one batch again and shows all that happened in it. */
async function replay(seed: number) {
  const batch = await runBatch(seed);
  const mistakes = checkBatch(batch);
  const lines = batch.sandbox.requests.map((request) => {
    const { countedAt, method, path, status, fault = '', applied, from, to } = request;
    const body = JSON.stringify(request.body) ?? '';
    const what = [Math.round(countedAt), method, path, body, status, fault];
    return [...what, applied ? 'applied' : '', from ?? '', to ?? ''];
  });
  const head = 'at | method | path | body | status | fault | applied | from | to';
  const markdown = [`## Seed ${seed}`, '', ...describeMistakes(mistakes), table(head, lines)];
  return {
    markdown: markdown.join('\n'),
    figures: { seed, changes: batch.changes.length, wrong: mistakes.length },
  };
}

function describeMistakes(mistakes: readonly Mistake[]): string[] {
  if (mistakes.length === 0) return [];
  const lines = mistakes.map(({ kind, seed, change, why }) => {
    const { id, ticketId, event, outcome } = change;
    return `- ${kind}: change ${id} (${event} of ${ticketId}) ended \`${outcome?.kind ?? 'without an outcome'}\`: ${why}. Replay with FAULTS_SEED=${seed}.`;
  });
  return ['### What went wrong', '', ...lines, ''];
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
