import type { EventObject } from 'xstate';
import type { PayloadSchema } from './payloads.ts';

/**
 * A machine's JSON config, as far as the types have to know it. What is in it is checked when it
 * is read: it may come from a file.
 */
export interface LifecycleConfig {
  readonly initial: string;
  readonly states: object;
  readonly on?: object;
  readonly context?: object;
}

/** The names of a config's states: any, where its type names none. */
export type StateOf<Config> = Config extends { readonly states: infer States }
  ? [keyof States] extends [never]
    ? string
    : Extract<keyof States, string>
  : string;

type EventsOfNode<Node> = Node extends { readonly on: infer On }
  ? Extract<keyof On, string>
  : never;

type EventName<Config> = Config extends { readonly states: infer States }
  ? EventsOfNode<Config> | { [State in keyof States]: EventsOfNode<States[State]> }[keyof States]
  : string;

type PayloadOf<Schema> =
  Schema extends PayloadSchema<infer Payload>
    ? unknown extends Payload
      ? object
      : Payload
    : object;

// Where no schemas are given, their names are any.
type NameOfSchema<Payloads> = string extends keyof Payloads ? never : keyof Payloads;

/** The events of a config, each with what its payload schema asks for. */
export type EventOf<Config, Payloads> = [EventName<Config>] extends [never]
  ? EventObject
  : {
      [Name in EventName<Config>]: Name extends NameOfSchema<Payloads>
        ? { readonly type: Name } & PayloadOf<Payloads[Name & keyof Payloads]>
        : { readonly type: Name };
    }[EventName<Config>];

/** The context of a config. */
export type ContextOf<Config> = Config extends { readonly context: infer Context }
  ? Context
  : Readonly<Record<string, unknown>>;

/** A guard of a config: it answers at once, and with true or false. */
export type LifecycleGuard<Context, Event> = (
  args: { readonly context: Context; readonly event: Event },
  params: never,
) => boolean;
