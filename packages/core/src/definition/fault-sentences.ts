import { quote } from '../blockers.ts';
import { suggestName as suggest } from '../nearest-name.ts';

/*
 * What each definition fault says to people. They are apart from the checks so that a page of
 * `core/lean`, which only asks, does not pay for them: there a fault is its code with its facts.
 */

type Names = readonly string[];

const listOf = (names: Names): string => names.join(', ');

const foreignGuard =
  'This guard is not combined by and(), or() or not() of xstate. If it is, it comes from a copy that is not supported: see `npm ls xstate`.';
const notGraph = 'Put each transition under states.NAME.on.';
const misplaced: Readonly<Record<string, string>> = {
  cond: 'XState 5 calls it "guard".',
  in: 'Put the transition under the state in which it is possible.',
  transitions: `"transitions" is not supported. ${notGraph}`,
  edges: `"edges" is not supported. ${notGraph}`,
  delay: 'Timers do not survive storing a ticket. Use meta.due.',
  final: 'Use type: "final".',
  status: 'Use meta: { status }.',
  events: 'Put each event under states.NAME.on.',
  guards: 'Use setup({ guards }), or the option guards.',
};

const embedder = 'Send the event from the code that embeds the lifecycle.';
const hiddenEvents: Readonly<Record<string, string>> = {
  raise: `raise() makes a transition that nobody asked for. ${embedder}`,
  sendTo: `sendTo() may send an event to the machine itself. ${embedder}`,
  enqueueActions: 'enqueueActions() may raise events. List the actions, and guard the transition.',
  spawnChild: 'A lifecycle starts nothing. Spawn from the code that embeds it.',
};

// What is expected, where that takes more words than its kind.
const forms: Readonly<Record<string, string>> = {
  action: 'an action or a list of them',
  due: '{ after, event }',
  duration: 'a duration such as "P7D"',
  events: 'an object of events',
  guard: 'the name of a guard, or { type, params }',
  machine: 'an XState machine or its config',
  schema: 'a Standard Schema (zod 3.24 or later, valibot, arktype)',
  states: 'an object of states',
  transition: 'a state, a transition or a list of them',
  type: '"final" or nothing',
};
const formOf = (expected: string): string => forms[expected] ?? expected;

// What is often passed for a machine, by a method that it has.
const nearMachines: Readonly<Record<string, string>> = {
  createMachine: 'setup({ … }). Pass what its createMachine() returns',
  getSnapshot: 'an actor. Pass actor.logic',
  explain: 'a lifecycle. Pass lifecycle.machine',
  withConfig: 'a machine of XState 4. Make it with xstate 5, where "cond" is "guard"',
};

const plainShape = ' Wrap a plain object of fields in z.object().';

const unsupportedGuards = {
  stateIn:
    'stateIn() asks for the state, and a lifecycle decides that by place. Put the transition under each state in which it is possible.',
  other: foreignGuard,
};

/** The sentence of each fault, by its code. */
export const faultSentences = {
  after: () =>
    'Timers do not survive storing a ticket. Let the caller own the clock and send an event.',
  always: () => "A change that no event causes can't be explained. Use an event.",
  invoke: () => 'A lifecycle starts nothing. Invoke from the code that embeds it.',
  'on-done': () => 'Nothing inside a flat state can be done. Use an event.',
  route: () => 'A route leads to a state from everywhere, and no one asks for its event. Use "on".',
  'async-guard': ({ guard }: { guard: string }) =>
    `The guard "${guard}" is async, and a Promise counts as true. Fetch what it needs first and pass it as context.`,
  'bad-due': ({ expected, received }: Mismatch) =>
    `Expected ${formOf(expected)}, received ${received}.`,
  'bad-name': ({ name, kind }: { name: string; kind: 'state' | 'event' }) =>
    kind === 'state'
      ? `${quote(name)} can't name a state. Choose a name without these characters: . # \\`
      : `${quote(name)} can't name an event. Use a word.`,
  'broken-guard': ({ guard, event, from, reason, hasContext }: BrokenGuard) =>
    reason === ''
      ? `The guard "${guard}" returned a Promise, which XState takes for true.`
      : `The guard "${guard}" threw when ${event} was asked in ${from}: ${reason.replace(/\.$/, '')}.${hasContext ? '' : ' No context was given.'}`,
  'circular-guard': ({ guard }: { guard: string }) => `The guard "${guard}" is defined by itself.`,
  'computed-context': ({ problem }: { problem: string }) =>
    `This function ${problem}. It is called once, without an actor. Use an object, or a function that takes nothing: it decides where a question comes without a context.`,
  'dead-end': () => 'Nothing leads out. Add a transition, or say type: "final" if that is meant.',
  'due-without-event': ({
    state,
    event,
    events,
  }: {
    state: string;
    event: unknown;
    events: Names;
  }) => {
    const what =
      event === undefined
        ? 'No event is named.'
        : `${quote(event)} is not possible in state ${quote(state)}.`;
    return `${what} ${
      events.length > 0
        ? `Expected one of ${listOf(events)}.${suggest(String(event), events)}`
        : 'Name an event that leaves the state.'
    }`;
  },
  'due-without-payload': ({ event, state, problems }: DueWithoutPayload) =>
    `${event} becomes due in state ${quote(state)} without data, and its payload schema refuses that. ${problems.join(' ')} Let options.payloads.${event} accept an event without data, or name another event.`,
  'final-with-exit': () =>
    'XState never leaves a final state. Drop type: "final" or the transition.',
  'guarded-forbidding': () =>
    'It forbids the event only while its guard holds. Guard the transition itself, with not().',
  'hidden-event': ({ action }: { action: string }) =>
    (Object.hasOwn(hiddenEvents, action) ? hiddenEvents[action] : undefined) ??
    `A lifecycle can't take ${action}() as an action.`,
  'history-state': () => 'A history state needs nesting, and a lifecycle is flat.',
  'invalid-default': ({ received }: { received: string }) =>
    `Expected true or false, received ${received}.`,
  'missing-guard': ({ guard }: { guard: string }) =>
    `The guard "${guard}" has no implementation. Add it to setup({ guards }), or to the option guards. A JSON file can't hold guards: use a .ts definition.`,
  'nested-state': () => 'A lifecycle is flat. Lift the inner states up, each with a meta.status.',
  'no-initial': ({ received, states }: { received: string; states: Names }) =>
    received === 'nothing'
      ? 'Name the state in which a new ticket starts.'
      : `There is no state ${received}. The states are ${listOf(states)}.${suggest(received.slice(1, -1), states)}`,
  'no-single-target': () => 'A transition leads to exactly one state of the machine.',
  'no-status': ({ state, statuses }: { state: string; statuses: Names }) =>
    `The API has no status ${quote(state)}. Add meta: { status } with one of ${listOf(statuses)}.`,
  'no-target': () => 'The list is empty. Give it a target.',
  parallel: () => 'A ticket is in one state at a time. Drop type: "parallel".',
  'refused-by-xstate': ({ reason }: { reason: string }) => `XState refuses it: ${reason}.`,
  'shadowed-transition': ({ winner, loser, why }: Shadowed) =>
    why === 'forbidden'
      ? 'An empty transition before this one always wins. Drop one.'
      : why === 'bare'
        ? `A list is tried in turn. The transition to "${winner}" has no guard and always wins, so the one to "${loser}" is never reached. Guard the first, or drop one.`
        : why === 'never'
          ? `The guards of the transition to "${loser}" can't all hold, so it is never taken. Change one, or drop the transition.`
          : why === 'together'
            ? `A list is tried in turn. Whenever the transition to "${loser}" is open, one before it is open as well. Change a guard, or drop it.`
            : `A list is tried in turn. The transition to "${winner}" is open whenever the one to "${loser}" is, and wins. Put it last, or drop one.`,
  'two-defaults': ({ state, status }: { state: string; status: string }) =>
    `"${state}" is the default state of "${status}" already. Mark only one of them.`,
  'unknown-event': ({ event, events }: { event: string; events: Names }) =>
    `There is no such event. The events are ${listOf(events)}.${suggest(event, events)}`,
  'unknown-guard': ({ guard, guards }: { guard: string; guards: Names }) =>
    guards.length === 0
      ? 'There is no such guard. There are none.'
      : `There is no such guard. The guards are ${listOf(guards)}.${suggest(guard, guards)}`,
  'unknown-key': ({ key, known }: { key: string; known: Names }) =>
    (Object.hasOwn(misplaced, key) ? misplaced[key] : undefined) ??
    `${quote(key)} is not supported here. Expected one of ${listOf(known)}.${suggest(key, known)}`,
  'unknown-option': ({ option, options }: { option: string; options: Names }) =>
    `There is no such option. The options are ${listOf(options)}.${suggest(option, options)}`,
  'unknown-state': ({ when, state, states }: { when: string; state: unknown; states: Names }) =>
    `${when}: There is no state ${quote(state)}. The states are ${listOf(states)}.${suggest(String(state), states)}`,
  'unknown-status': ({ received, statuses }: { received: string; statuses: Names }) =>
    `Expected one of ${listOf(statuses)}, received ${/^[-\d]/.test(received) ? 'the number ' : ''}${received}.${suggest(received.slice(1, -1), statuses)}`,
  'unknown-target': ({ target, states, ofMachine }: Target) => {
    const missing = `There is no state ${quote(target)}.`;
    if (ofMachine && states.includes(target)) {
      return `${missing} A transition of the whole machine says ${quote(`.${target}`)}.`;
    }
    const bare = target.slice(1);
    if (target.startsWith('.') && states.includes(bare)) {
      return `${missing} Drop the dot: ${quote(bare)}.`;
    }
    return `${missing} The states are ${listOf(states)}.${suggest(target, states)}`;
  },
  'unmapped-state': ({ state }: { state: string }) => `Say what ${quote(state)} is now.`,
  'unnamed-guard': () =>
    'An inline guard has no name to explain it by. Give it one in setup({ guards }).',
  'unreachable-state': ({ initial }: { initial: string }) =>
    `No path leads here from "${initial}". Add one, or drop the state.`,
  unreadable: ({ reason }: { reason: string }) => `It can't be read: ${reason}.`,
  'unsupported-guard': ({ guard }: { guard: 'stateIn' | 'other' }) => unsupportedGuards[guard],
  'wildcard-event': () => 'A wildcard hides which events are possible. Name each.',
  'wrong-type': ({ expected, received }: Mismatch, path: string) =>
    [
      `Expected ${path === 'type' ? 'nothing' : formOf(expected)}, received ${nearMachines[received] ?? received}.`,
      /\bon\..*\.guard$/.test(path) ? ' Combine guards in the option guards, by and([…]).' : '',
      expected === 'schema' && received === 'an object' ? plainShape : '',
    ].join(''),
};

interface BrokenGuard {
  readonly guard: string;
  readonly event: string;
  readonly from: string;
  /** What it threw, in words; empty where it gave a Promise. */
  readonly reason: string;
  readonly hasContext: boolean;
}

interface DueWithoutPayload {
  readonly event: string;
  readonly state: string;
  /** What the schema says, each with the field. */
  readonly problems: readonly string[];
}

interface Mismatch {
  readonly expected: string;
  /** What there is instead, in words. */
  readonly received: string;
}

interface Shadowed {
  readonly winner?: string | undefined;
  readonly loser?: string;
  readonly why: 'forbidden' | 'bare' | 'less' | 'together' | 'never';
}

interface Target {
  readonly target: string;
  readonly states: Names;
  /** Whether it is the target of a transition of the whole machine. */
  readonly ofMachine: boolean;
}

/** The codes of definition faults. */
export type FaultCode = keyof typeof faultSentences;

/** The facts of a fault, by its code. */
export type FaultFacts<Code extends FaultCode> =
  Parameters<(typeof faultSentences)[Code]> extends [infer Facts, ...unknown[]] ? Facts : undefined;

/** What makes sentences of faults: `faultSentences`, or those of a migration. */
export type Sentences = Readonly<
  Record<string, ((facts: never, path: string) => string) | undefined>
>;
