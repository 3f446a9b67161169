import {
  aFunction,
  anything,
  checkOptions,
  hasMethod,
  milliseconds,
  oneOf,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import { aBoolean, aSignal } from '../options.ts';
import type { Override } from './override.ts';
import type {
  ApplyOptions,
  ChangeOptions,
  EnabledOptions,
  MoveOptions,
  RunDueOptions,
  SettleOptions,
  WhereOptions,
  WorkflowOptions,
} from './workflow-options.ts';

const aReadPolicy = oneOf('when-unknown', 'always', 'never');
const aResendPolicy = oneOf('once', 'never');

/** Checks a workflow's options, once, where they are given. */
export function checkWorkflowOptions(options: WorkflowOptions): void {
  const checks: OptionChecks<WorkflowOptions> = {
    lifecycle: hasMethod('explain', 'a lifecycle, as defineLifecycle makes it'),
    client: hasMethod('changeStatus', 'a client, as createSeriesClient makes it'),
    store: hasMethod('get', 'a StatusStore'),
    clock: hasMethod('now', 'a Clock'),
    migration: hasMethod('migrate', 'a migration, as defineMigration makes it'),
    read: aReadPolicy,
    settle: oneOf('read', 'never'),
    settleMs: milliseconds,
    settleForMs: milliseconds,
    maxAgeMs: milliseconds,
    verify: aBoolean,
    resend: aResendPolicy,
    onChange: aFunction,
  };
  checkOptions('createTicketWorkflow', options, checks, { required: ['lifecycle', 'client'] });
  const { lifecycle, migration } = options;
  if (migration === undefined || migration.to === lifecycle.fingerprint) return;
  throw new TypeError(
    `createTicketWorkflow: option "migration" leads to ${migration.to}, and the lifecycle is ${lifecycle.fingerprint}. Pass this lifecycle as "to" to defineMigration.`,
  );
}

const changeChecks: OptionChecks<ChangeOptions> = {
  staffUserId: anything,
  from: anything,
  context: anything,
  read: aReadPolicy,
  verify: aBoolean,
  via: oneOf('status', 'claim'),
  resend: aResendPolicy,
  beforeSend: aFunction,
  mayWrite: aFunction,
  signal: aSignal,
};
const applyChecks: OptionChecks<ApplyOptions> = {
  ...changeChecks,
  force: anything,
};
const moveChecks: OptionChecks<MoveOptions> = {
  ...changeChecks,
  prefer: anything,
  payloads: anything,
};
const runDueChecks: OptionChecks<RunDueOptions> = {
  staffUserId: anything,
  context: anything,
  beforeSend: aFunction,
  mayWrite: aFunction,
  calendar: aFunction,
  signal: aSignal,
};
const settleChecks: OptionChecks<SettleOptions> = {
  from: anything,
  to: anything,
  // Another value would make the wait for the quiet moment endless.
  sentAt: (value) =>
    typeof value === 'number' && !Number.isNaN(value)
      ? undefined
      : 'milliseconds since the epoch, as a number',
  claimedBy: anything,
  forced: aBoolean,
  signal: aSignal,
};

const whereChecks: OptionChecks<WhereOptions> = {
  read: oneOf('when-unknown', 'always'),
  signal: aSignal,
};
const enabledChecks: OptionChecks<EnabledOptions> = {
  ...whereChecks,
  context: anything,
  staffUserId: anything,
};

const askedChecks = {
  explain: changeChecks,
  apply: applyChecks,
  moveTo: moveChecks,
  settle: settleChecks,
  runDue: runDueChecks,
  where: whereChecks,
  enabled: enabledChecks,
  // It always reads.
  observe: { signal: aSignal },
} as const;

/** Checks the options of a method, once. Wrong ids and events become outcomes instead. */
export function checkAskedOptions(owner: keyof typeof askedChecks, options: object): void {
  checkOptions<object>(owner, options, askedChecks[owner]);
  const { force } = options as ApplyOptions;
  if (force !== undefined) checkForce(force);
}

/** Gives the context of the guards, anew for each verdict. */
export const contextGiver = (context: unknown) => () =>
  typeof context === 'function' ? (context as () => unknown)() : context;

function checkForce(force: Override): void {
  const overrideChecks: OptionChecks<Override> = {
    by: (value) =>
      Number.isSafeInteger(value) || isText(value)
        ? undefined
        : 'the id or the name of who forces it',
    why: (value) => (isText(value) ? undefined : 'the reason, as a text that is not empty'),
    to: (value) => (isText(value) ? undefined : 'a state'),
  };
  checkOptions('apply, force', force, overrideChecks, { required: ['by', 'why'] });
}

const isText = (value: unknown): boolean => typeof value === 'string' && value.trim() !== '';
