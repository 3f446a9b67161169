import { useActor } from '@xstate/react';
import { act, createElement, StrictMode, useEffect } from 'react';
import { create } from 'react-test-renderer';
import { expect, test } from 'vitest';
import { ticketActor } from '../../src/index.ts';
import { setUp, writesIn } from '../support/bench.ts';

test('a component follows its ticket by useActor', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const { clock, workflow, sandbox } = setUp();
  const logic = ticketActor(workflow);
  const input = { ticketId: 'T-open', staffUserId: 7 };

  function Ticket() {
    const [{ value, context }, send] = useActor(logic, { input });
    const text = `${value} ${context.state ?? '?'}`;
    return createElement('button', { onClick: () => send({ type: 'START' }) }, text);
  }

  const tree = await act(() => create(createElement(Ticket)));
  const button = () => tree.root.findByType('button');
  expect(button().children).toEqual(['settled ?']);
  await act(() => button().props['onClick']());
  expect(button().children).toEqual(['sending ?']);
  await act(() => clock.advance(5000));
  expect(button().children).toEqual(['settled in-progress']);
  expect(writesIn(sandbox)).toHaveLength(1);
  act(() => tree.unmount());
  expect(clock.pending).toBe(0);
});

test('a component whose mount effect sends is mounted twice under StrictMode, and sends once', async () => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true });
  const { clock, workflow, sandbox } = setUp();
  const logic = ticketActor(workflow);
  const input = { ticketId: 'T-open', staffUserId: 7 };

  function Ticket() {
    const [{ value, context }, send] = useActor(logic, { input });
    useEffect(() => send({ type: 'START' }), [send]);
    const text = `${value} ${context.state ?? '?'}, waiting ${context.waiting.length}`;
    return createElement('button', { onClick: () => send({ type: 'RESOLVE' }) }, text);
  }

  const tree = await act(() => create(createElement(StrictMode, null, createElement(Ticket))));
  const button = () => tree.root.findByType('button');
  await act(() => clock.advance(5000));
  expect(button().children).toEqual(['settled in-progress, waiting 0']);
  expect(writesIn(sandbox)).toHaveLength(1);
  await act(() => button().props['onClick']());
  await act(() => clock.advance(5000));
  expect(button().children).toEqual(['settled resolved, waiting 0']);
  expect(writesIn(sandbox)).toHaveLength(2);
  act(() => tree.unmount());
  expect(clock.pending).toBe(0);
});
