import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { nodeFault } from '../src/node-version.ts';

test.each(['12.0.0', '18.20.4', '20.20.2', '22.12.9'])(
  'Node.js %s is told to be too old',
  (version) => {
    expect(nodeFault(version)).toBe(
      `ticket-lifecycle needs Node.js 22.13 or newer. This is Node.js ${version}.`,
    );
  },
);

test.each(['22.13.0', '22.18.1', '23.0.0', '24.21.0', '100.0.0'])(
  'Node.js %s is not',
  (version) => {
    expect(nodeFault(version)).toBeUndefined();
  },
);

test('it is the version that package.json asks for', () => {
  const { engines } = JSON.parse(
    readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { engines: { node: string } };
  expect(nodeFault('1.0.0')).toContain(`${engines.node.replace('>=', '')} or newer`);
});
