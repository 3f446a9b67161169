import { ticketLifecycle, ticketMachine, type TicketStatus } from '@ticket-lifecycle/core';
import StateMachine from 'javascript-state-machine';
import { createMachine, interpret, state, transition as way } from 'robot3';
import { createActor, transition } from 'xstate';

/** An event in a state. */
export interface Question {
  readonly state: TicketStatus;
  readonly event: 'START' | 'RESOLVE' | 'CLOSE' | 'REOPEN';
}

/** Answers questions in a row. What it gives depends on every answer, so none can be left out. */
export type Answerer = (questions: readonly Question[]) => number;

// What one would write by hand.
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  open: { START: 'in-progress' },
  'in-progress': { RESOLVE: 'resolved' },
  resolved: { CLOSE: 'closed', REOPEN: 'open' },
  closed: { REOPEN: 'open' },
};

const snapshots = {
  open: ticketMachine.resolveState({ value: 'open' }),
  'in-progress': ticketMachine.resolveState({ value: 'in-progress' }),
  resolved: ticketMachine.resolveState({ value: 'resolved' }),
  closed: ticketMachine.resolveState({ value: 'closed' }),
};

// javascript-state-machine names its methods in this case.
const methods = { START: 'start', RESOLVE: 'resolve', CLOSE: 'close', REOPEN: 'reopen' } as const;

const eachAs =
  (answer: (question: Question) => boolean | number): Answerer =>
  (questions) => {
    let sum = 0;
    for (const question of questions) sum += Number(answer(question));
    return sum;
  };

/** "May I?", in any state and by any event. */
export const canAnswerers: Readonly<Record<string, Answerer>> = {
  'a hand-written table': (questions) => {
    let sum = 0;
    for (const { state: from, event } of questions) sum += table[from]?.[event] ? 1 : 0;
    return sum;
  },
  '`lifecycle.can`': (questions) => {
    let sum = 0;
    for (const { state: from, event } of questions) sum += ticketLifecycle.can(from, event) ? 1 : 0;
    return sum;
  },
  'XState `snapshot.can`': eachAs(({ state: from, event }) => snapshots[from].can({ type: event })),
};

/** "Where does it lead, and why not?", of what is allowed. */
export const explainAnswerers: Readonly<Record<string, Answerer>> = {
  '`lifecycle.explain`': (questions) => {
    let sum = 0;
    for (const { state: from, event } of questions) {
      const verdict = ticketLifecycle.explain(from, event);
      sum += verdict.allowed ? verdict.to.length : 0;
    }
    return sum;
  },
  'XState `transition()`': (questions) => {
    let sum = 0;
    for (const { state: from, event } of questions) {
      const [next] = transition(ticketMachine, snapshots[from], { type: event });
      sum += next.value.length;
    }
    return sum;
  },
};

/** A step of a walk, each question's state being where the last one led. */
export function createSteppers(): Readonly<Record<string, Answerer>> {
  const robot = interpret(
    createMachine('open', {
      open: state(way('START', 'in-progress')),
      'in-progress': state(way('RESOLVE', 'resolved')),
      resolved: state(way('CLOSE', 'closed'), way('REOPEN', 'open')),
      closed: state(way('REOPEN', 'open')),
    }),
    () => {},
  );
  const actor = createActor(ticketMachine).start();
  const fsm = new StateMachine({
    init: 'open',
    transitions: [
      { name: 'start', from: 'open', to: 'in-progress' },
      { name: 'resolve', from: 'in-progress', to: 'resolved' },
      { name: 'close', from: 'resolved', to: 'closed' },
      { name: 'reopen', from: ['resolved', 'closed'], to: 'open' },
    ],
  });
  return {
    'a hand-written table': (questions) => {
      let at = 'open';
      let sum = 0;
      for (const { event } of questions) {
        at = table[at]?.[event] ?? at;
        sum += at.length;
      }
      return sum;
    },
    '`lifecycle.next`': (questions) => {
      let at: TicketStatus = 'open';
      let sum = 0;
      for (const { event } of questions) {
        at = ticketLifecycle.next(at, event);
        sum += at.length;
      }
      return sum;
    },
    'robot3 `send`': eachAs(({ event }) => {
      robot.send(event);
      return robot.machine.current.length;
    }),
    'javascript-state-machine': eachAs(({ event }) => {
      fsm[methods[event]]();
      return fsm.state.length;
    }),
    'XState actor `send`': eachAs(({ event }) => {
      actor.send({ type: event });
      return actor.getSnapshot().value.length;
    }),
  };
}
