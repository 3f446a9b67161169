import type {
  AnyStateMachine,
  ContextFrom,
  EventFromLogic,
  EventObject,
  StateValueFrom,
} from 'xstate';
import type { PayloadSchema, PayloadSchemas } from './payloads.ts';

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

/** What tells a lifecycle from a machine and a config. */
interface AnyLifecycle {
  readonly fingerprint: string;
}

/** The names of the states of a lifecycle, a machine or a config: any, where its type names none. */
export type StateOf<Definition> = Definition extends AnyLifecycle & {
  readonly states: readonly (infer State extends string)[];
}
  ? State
  : Definition extends AnyStateMachine
    ? Extract<StateValueFrom<Definition>, string>
    : StateOfConfig<Definition>;

type StateOfConfig<Config> = Config extends { readonly states: infer States }
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

/** The events of a lifecycle, a machine or a config, each with what it has to carry. */
export type EventOf<Definition, Payloads = PayloadSchemas> = Definition extends AnyLifecycle & {
  readonly '~types'?: { readonly event: infer Event extends EventObject } | undefined;
}
  ? Event
  : Definition extends AnyStateMachine
    ? EventFromLogic<Definition>
    : EventOfConfig<Definition, Payloads>;

type EventOfConfig<Config, Payloads> = [EventName<Config>] extends [never]
  ? EventObject
  : | BareEvent<Exclude<EventName<Config>, NameOfSchema<Payloads>>>
    | {
        [Name in Extract<EventName<Config>, NameOfSchema<Payloads>>]: NamedEvent<Name> &
          PayloadOf<Payloads[Name & keyof Payloads]>;
      }[Extract<EventName<Config>, NameOfSchema<Payloads>>];

/** The events that carry nothing, all in one type: an editor shows their names and no more. */
type BareEvent<Name extends string> = [Name] extends [never] ? never : NamedEvent<Name>;

/** An event of one of some names. */
export interface NamedEvent<Name extends string = string> {
  readonly type: Name;
}

/** The context of a lifecycle, a machine or a config. */
export type ContextOf<Definition> = Definition extends AnyLifecycle & {
  readonly '~types'?: { readonly context: infer Context } | undefined;
}
  ? Context
  : Definition extends AnyStateMachine
    ? ContextFrom<Definition>
    : Definition extends { readonly context: infer Context }
      ? Context extends (...asked: never) => infer Made
        ? Made
        : Context
      : AnyContext;

/** The context of a config that has none: whatever its guards are asked with. */
export interface AnyContext {
  readonly [field: string]: unknown;
}

/** A guard of a config: it answers at once, and with true or false. */
export type LifecycleGuard<Context, Event> = (
  args: { readonly context: Context; readonly event: Event },
  params: never,
) => boolean;
