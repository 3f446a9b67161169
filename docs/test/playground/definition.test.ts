import { describe, expect, test } from 'vitest';
import {
  isHeld,
  readDefinition,
  withAnswer,
  type Fault,
  type PageLifecycle,
} from '../../playground/definition.ts';
import { openDesk } from '../../playground/desk.ts';
import { beginning } from '../../playground/presets.ts';
import { pack, unpack } from '../../playground/share.ts';

async function lifecycleOf(text: string): Promise<PageLifecycle> {
  const reading = await readDefinition(text);
  if (reading.kind !== 'lifecycle') throw new Error(JSON.stringify(reading.faults));
  return reading.lifecycle;
}

describe.each(['hasAnswer', '__proto__', 'constructor', 'toString', 'is it?'])(
  'a guard with the name %s',
  (guard) => {
    const text = `{"initial":"open","states":{"open":{"on":{"GO":{"target":"closed","guard":"${guard}"}}},"closed":{"on":{"BACK":"open"}}}}`;

    test('holds as soon as somebody says so, and no sooner', async () => {
      const lifecycle = await lifecycleOf(text);
      const allowed = (answers: object) =>
        lifecycle.enabled('open', answers as never).map(({ event }) => event);
      expect(allowed({})).toEqual([]);
      const answers = withAnswer({}, guard, true);
      expect(allowed(answers)).toEqual(['GO']);
      expect(allowed(withAnswer(answers, guard, false))).toEqual([]);
      expect(allowed(withAnswer(answers, 'another', true))).toEqual(['GO']);
      expect(lifecycle.plan('open', 'closed', { context: answers })).toMatchObject({
        kind: 'plan',
      });
      const desk = openDesk(lifecycle, 'open', () => undefined);
      const change = { from: 'open', fault: undefined, reads: true, verify: false };
      const ended = await desk.apply('GO', { ...change, context: { ...answers } });
      expect(ended.kind).toBe('confirmed');
    });

    test('holds for whoever follows the link', async () => {
      const answers = withAnswer({}, guard, true);
      const found = await unpack(await pack({ ...beginning, answers }));
      expect(isHeld(found?.answers ?? {}, guard)).toBe(true);
    });
  },
);

async function faultsOf(text: string): Promise<readonly Fault[]> {
  const reading = await readDefinition(text);
  return reading.kind === 'faults' ? reading.faults : [];
}

test.each([
  ['{\n "initial": "open",\n "initial": "open",\n "states": { "open": {} } }', 3, 'initial'],
  [
    '{ "initial": "open", "states": { "open": { "on": { "A": "open" } },\n "open": {} } }',
    2,
    'open',
  ],
  ['{ "initial": "open", "states": {},\n\n "st\\u0061tes": { "open": {} } }', 3, 'states'],
  [
    '{ "initial": "open", "states": { "open": {} },\n "__proto__": 1, "__proto__": 2 }',
    2,
    '__proto__',
  ],
])('a key that is there twice is a fault in its line: %j', async (text, line, name) => {
  const message = `“${name}” is here twice.`;
  expect(await faultsOf(text)).toMatchObject([{ line, message }]);
});

test('a state and an event may be called guard', async () => {
  const reading = await readDefinition(
    JSON.stringify({
      initial: 'open',
      states: {
        open: { on: { guard: { target: 'guard' } } },
        guard: {
          meta: { status: 'closed' },
          on: { BACK: [{ target: 'open', guard: 'isLead' }] },
        },
      },
    }),
  );
  expect(reading).toMatchObject({ kind: 'lifecycle', guards: ['isLead'] });
});

test('texts that look like keys are none', async () => {
  const on = { 'a": "b": ': 'closed', '{"open": 1}': 'open' };
  const text = JSON.stringify({
    initial: 'open',
    states: { open: { on }, closed: { on } },
    description: '"x": ',
  });
  expect(await faultsOf(text)).toEqual([]);
});

test('faults come in the order of their lines', async () => {
  const text = `{ initial: 'opne',
    states: {
      lost: { on: { GO: 'nowhere' } },
      open: { after: { 1: 'open' }, on: { GO: 'gone' } },
      other: {},
    } }`;
  const lines = (await faultsOf(text)).map(({ line }) => line);
  expect(lines.length).toBeGreaterThan(3);
  expect(lines).toEqual(lines.toSorted((a, b) => a - b));
});

test.each(['\n', '\r\n'])('a fault names what follows without its line end: %j', async (end) => {
  const text = ['{ "initial": "open"', '"x"', ': 1,', '"states": {} }'].join(end);
  const [fault] = await faultsOf(text);
  expect(fault?.message).toContain('before “"x"”');
});
