import { conformanceMarkdown, runConformance } from '@ticket-lifecycle/sandbox/conformance';
import type { Benchmark } from '../benchmark.ts';
import { conformanceClients } from './clients.ts';

export const run: Benchmark = async ({ progress }) => {
  const report = await runConformance(conformanceClients, {
    onClient: ({ client, survived, faults }) =>
      progress(`${client}: survived ${survived} of ${faults.length} faults`),
  });
  const figures = report.clients.flatMap(({ client, load, ...figure }) => {
    const name = client.replaceAll(/[^a-z0-9]+/gi, ' ').trim();
    return [
      [`${name} survived`, figure.survived],
      [`${name} duplicates`, figure.duplicates],
      [`${name} wrong`, figure.wrong],
      [`${name} lost`, figure.lost],
      [`${name} limited`, load?.limited ?? 0],
    ] as const;
  });
  return { markdown: conformanceMarkdown(report), figures: Object.fromEntries(figures) };
};
