import { describe, expect, test } from 'vitest';
import {
  isHeld,
  readDefinition,
  withAnswer,
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
