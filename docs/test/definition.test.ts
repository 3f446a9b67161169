import { expect, test } from 'vitest';
import { readDefinition } from '../playground/definition.ts';

/** The faults of a text: line and place of each. */
async function faultsOf(text: string): Promise<string[]> {
  const reading = await readDefinition(text);
  return reading.kind === 'faults'
    ? reading.faults.map(({ line, place }) => `${line} ${place}`)
    : [];
}

test.each([
  [
    ['{', "  initial: 'opne',", '  states: {', "    open: { on: { GO: 'lost' } },", '  },', '}'],
    ['2 initial', '4 states.open.on.GO'],
  ],
  [
    [
      '{',
      '  "initial": "open",',
      '  "states": {',
      '    "open": {',
      '      "after": { "1000": "closed" },',
      '      "always": "closed",',
      '      "invoke": { "src": "load" }',
      '    },',
      '    "closed": {',
      '      "type": "final"',
      '    }',
      '  }',
      '}',
    ],
    ['5 states.open.after', '6 states.open.always', '7 states.open.invoke'],
  ],
  [['{', '  "initial": "open",', '  "states": {}', '}'], ['2 initial']],
])('each fault is shown at its key: %#', async (lines, places) => {
  const found = await faultsOf(lines.join('\n'));
  for (const place of places) expect(found).toContain(place);
});

test('plain JSON and TypeScript of it are the same lifecycle', async () => {
  const json =
    '{"initial":"open","states":{"open":{"on":{"END":"closed"}},"closed":{"type":"final"}}}';
  const [plain, typed] = await Promise.all(
    [json, `export default ${json} as const;`].map(readDefinition),
  );
  expect(plain?.kind === 'lifecycle' && plain.lifecycle.fingerprint).toBe(
    typed?.kind === 'lifecycle' && typed.lifecycle.fingerprint,
  );
  expect(plain?.kind).toBe('lifecycle');
});
