import type { CallOptions } from '../request/call-options.ts';
import { clockOfServerOf, goesBy } from '../request/server-clock.ts';
import type { RequestInfo, RequestListener } from '../request/request-event.ts';
import type { EventSubject } from './workflow-event.ts';
import type { WorkflowClient } from './workflow-options.ts';

/** An attempt of a request, with the change that it belongs to. */
export type WorkflowAttempt = RequestInfo & EventSubject;

/**
 * Runs each attempt of a workflow's requests inside a context of its own, and may add headers to it.
 * If it does not call `send` at once, the attempt is sent without it.
 */
export type WorkflowAttemptWrapper = (
  attempt: WorkflowAttempt,
  send: (headers?: Readonly<Record<string, string>>) => void,
) => void;

/** The wrappers of a workflow's attempts. */
export interface AttemptWrappers {
  /** Adds a wrapper, inside of those before it. Returns a function that removes it. */
  readonly add: (wrapper: WorkflowAttemptWrapper) => () => void;
  /** Says which change or ticket the requests with this listener are about. */
  readonly describe: (listener: RequestListener, subject: () => EventSubject) => void;
  /** The client whose attempts are wrapped. */
  readonly client: WorkflowClient;
}

/**
 * Wraps the attempts of a client. Its calls know their change by the listener that they carry, so
 * nobody on the way has to pass it on.
 */
export function wrapClient(client: WorkflowClient): AttemptWrappers {
  const wrappers = new Set<{ readonly wrap: WorkflowAttemptWrapper }>();
  const subjects = new WeakMap<RequestListener, () => EventSubject>();
  const { claim } = client;
  const made = {
    timeoutMs: client.timeoutMs,
    rateLimiter: client.rateLimiter,
    keyId: client.keyId,
    clock: client.clock,
    changeStatus: (change, options) => client.changeStatus(change, wrapped(options)),
    getTicket: (ticketId, options) => client.getTicket(ticketId, wrapped(options)),
    ...(claim === undefined
      ? {}
      : { claim: (change, options) => claim.call(client, change, wrapped(options)) }),
  } as WorkflowClient;
  goesBy(made, clockOfServerOf(client));
  return {
    add(wrap) {
      const entry = { wrap };
      wrappers.add(entry);
      return () => void wrappers.delete(entry);
    },
    describe: (listener, subject) => void subjects.set(listener, subject),
    client: made,
  };

  function wrapped(options: CallOptions | undefined): CallOptions | undefined {
    const subject = options?.onEvent && subjects.get(options.onEvent);
    if (subject === undefined || wrappers.size === 0) return options;
    return {
      ...options,
      wrapAttempt(attempt, send) {
        const about = { ...attempt, ...subject() };
        // The last that was added is the innermost.
        const run = [...wrappers].reduceRight<(headers: Readonly<Record<string, string>>) => void>(
          (inner, { wrap }) =>
            (outer) =>
              wrap(about, (headers) => inner({ ...outer, ...headers })),
          send,
        );
        run({});
      },
    };
  }
}
