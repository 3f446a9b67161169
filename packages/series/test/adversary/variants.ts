import { ticketLifecycle } from '@ticket-lifecycle/core';
import {
  createSeriesClient,
  createTicketWorkflow,
  ticketActor,
  type ChangeOptions,
  type OutcomeRecord,
  type Outcome,
  type SeriesClientOptions,
  type TicketWorkflow,
  type WorkflowOptions,
} from '@ticket-lifecycle/series';
import { fetch as undiciFetch } from 'undici';
import { createActor } from 'xstate';
import type { Step, Traits } from './cases.ts';

export const ticketId = 'T-1';

/** What a variant is given to build its client and workflow with. */
export interface VariantSetup {
  readonly client: Omit<SeriesClientOptions, 'apiKey'>;
  readonly workflow: Pick<WorkflowOptions, 'clock'>;
  /** Waits on the hand-moved clock, so that nobody takes it for a request under way. */
  readonly sleep: (ms: number) => Promise<void>;
  readonly watch: (workflow: Pick<TicketWorkflow, 'on'>) => void;
}

/** Somebody who asks for changes, one after another. */
export interface Driver {
  readonly ask: (step: Step, index: number) => Promise<Outcome | OutcomeRecord>;
  readonly close: () => Promise<void>;
}

/** One way to use the product. */
export interface Variant {
  readonly name: string;
  readonly traits: Traits;
  readonly authHeader: 'apikey' | 'x-api-key';
  readonly apiKey: string;
  readonly open: (setup: VariantSetup) => Driver;
}

interface Choice {
  readonly traits?: Partial<Traits>;
  readonly authHeader?: 'x-api-key';
  readonly apiKey?: string;
  readonly client?: (setup: VariantSetup) => Partial<SeriesClientOptions>;
  readonly workflow?: Partial<WorkflowOptions>;
  readonly change?: (step: Step, setup: VariantSetup) => Partial<ChangeOptions>;
  readonly drive?: (
    setup: VariantSetup,
    open: () => TicketWorkflow,
    change: (step: Step) => ChangeOptions,
  ) => Driver;
}

// Each part of it would be found again, as it is and percent-encoded.
const usualKey = 'sk_live_5up3r/s3cr3t+key==';

const usualTraits: Traits = {
  readsFirst: true,
  settles: true,
  resends: true,
  verifies: false,
  claims: false,
  moves: false,
  retriesItself: false,
  timeoutMs: 10_000,
};

function variant(name: string, choice: Choice = {}): Variant {
  const { traits, apiKey = usualKey, client, workflow = {} } = choice;
  const authHeader: Variant['authHeader'] = choice.authHeader ?? 'apikey';
  const { change = () => ({}), drive = driveOne } = choice;
  return {
    name,
    traits: { ...usualTraits, ...traits },
    authHeader,
    apiKey,
    open(setup) {
      const { timeoutMs } = { ...usualTraits, ...traits };
      const given = { ...setup.client, authHeader, apiKey, timeoutMs };
      const made = createSeriesClient({ ...given, ...client?.(setup) });
      const open = () => {
        const options = { lifecycle: ticketLifecycle, client: made, ...setup.workflow };
        const one = createTicketWorkflow({ ...options, ...workflow });
        setup.watch(one);
        return one;
      };
      return drive(setup, open, (step) => ({
        staffUserId: step.staffUserId,
        ...change(step, setup),
      }));
    },
  };
}

const driveOne: Choice['drive'] & {} = (_, open, change) => {
  const workflow = open();
  return {
    ask: (step) => workflow.apply(ticketId, step.event, change(step)),
    close: () => workflow.close(),
  };
};

/** Asks an actor, which takes one event after another. */
const driveActor: Choice['drive'] & {} = (_, open, change) => {
  const workflow = open();
  const actor = createActor(ticketActor(workflow), { input: { ticketId } });
  const waiting: ((outcome: OutcomeRecord) => void)[] = [];
  let latest: OutcomeRecord | undefined;
  actor.subscribe(({ context: { outcome } }) => {
    if (outcome === undefined || outcome === latest) return;
    latest = outcome;
    waiting.shift()?.(outcome);
  });
  actor.start();
  return {
    ask: (step) =>
      new Promise((resolve) => {
        waiting.push(resolve);
        actor.send({ type: step.event, ...change(step) });
      }),
    async close() {
      actor.stop();
      await workflow.close();
    },
  };
};

const driveTwo: Choice['drive'] & {} = (_, open, change) => {
  const workflows = [open(), open()];
  return {
    ask: (step, index) =>
      (workflows[index % 2] as TicketWorkflow).apply(ticketId, step.event, change(step)),
    async close() {
      await Promise.all(workflows.map((one) => one.close()));
    },
  };
};

const driveMoves: Choice['drive'] & {} = (_, open, change) => {
  const workflow = open();
  return {
    ask: async (step) => (await workflow.moveTo(ticketId, step.to, change(step))).outcome,
    close: () => workflow.close(),
  };
};

const wrapped: typeof fetch = (...call) => fetch(...call);

/** The fetch of the package undici, which takes no Request of another copy. */
const undicis: typeof fetch = async (input, init) => {
  const request = new Request(input, init);
  const body = request.method === 'GET' ? null : await request.text();
  const { method, headers, signal, redirect } = request;
  const sent = { method, headers: Object.fromEntries(headers), body, signal, redirect };
  // The same response, typed by another declaration.
  const response: unknown = await undiciFetch(request.url, sent);
  return response as Response;
};

let calls = 0;

/** A fetch that tries again by itself, whatever the product thinks of it. */
const stubborn =
  (sleep: VariantSetup['sleep']): typeof fetch =>
  async (input, init) => {
    const request = new Request(input, init);
    request.headers.set('x-call', `call ${(calls += 1)}`);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await fetch(request.clone());
      } catch (error) {
        if (attempt === 3 || request.signal.aborted) throw error;
        await sleep(50 * attempt);
      }
    }
  };

export const variants: readonly Variant[] = [
  variant('default'),
  variant('verify', { workflow: { verify: true }, traits: { verifies: true } }),
  variant('resend never', { workflow: { resend: 'never' }, traits: { resends: false } }),
  variant('settle never', { workflow: { settle: 'never' }, traits: { settles: false } }),
  variant('read always', { workflow: { read: 'always' } }),
  variant('read never, with from', {
    workflow: { read: 'never' },
    change: ({ from }) => ({ from }),
    traits: { readsFirst: false },
  }),
  variant('claim', {
    change: ({ event }) => (event === 'START' ? { via: 'claim' } : {}),
    traits: { claims: true },
  }),
  variant('x-api-key', { authHeader: 'x-api-key' }),
  variant('a fetch that wraps the global one', { client: () => ({ fetch: wrapped }) }),
  variant('the fetch of undici', { client: () => ({ fetch: undicis }) }),
  variant('a fetch that tries again by itself', {
    client: ({ sleep }) => ({ fetch: stubborn(sleep) }),
    traits: { retriesItself: true },
  }),
  variant('actor', { drive: driveActor }),
  variant('two workflows on one client', { drive: driveTwo }),
  variant('moveTo', { drive: driveMoves, traits: { moves: true } }),
  variant('a key that is a word of the API', { apiKey: 'not' }),
  variant('a slow beforeSend', {
    change: (_, { sleep }) => ({ beforeSend: () => sleep(150), mayWrite: () => true }),
  }),
  variant('a short timeout', { traits: { timeoutMs: 500 } }),
];
