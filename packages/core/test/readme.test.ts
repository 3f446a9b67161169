import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ticketLifecycle } from '../src/index.ts';

const drawn = (file: string) => {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const diagram = /```mermaid\n(?<diagram>[\s\S]*?)```/.exec(text)?.groups?.['diagram'] ?? '';
  return [...diagram.matchAll(/^\s*(\S+) --> (\S+?)(?:: (\S+))?$/gm)].map(([, from, to, event]) =>
    [from, to, event].join(' '),
  );
};

test.each(['../../../README.md', '../README.md'])('the diagram of %s is the lifecycle', (file) => {
  const { initial, states } = ticketLifecycle;
  const edges = states.flatMap((state) => ticketLifecycle.enabled(state));
  expect(drawn(file).toSorted()).toEqual(
    [`[*] ${initial} `, ...edges.map(({ from, to, event }) => `${from} ${to} ${event}`)].toSorted(),
  );
});
