/** A lifecycle to begin with. */
export interface Preset {
  readonly label: string;
  readonly machine: object;
  readonly guardMessages?: Readonly<Record<string, string>>;
}

/** The lifecycles that the playground offers and the pages draw. */
export const presets = {
  ticket: {
    label: 'The default: four statuses',
    machine: {
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': { on: { RESOLVE: 'resolved' } },
        resolved: { on: { CLOSE: 'closed', REOPEN: 'open' } },
        closed: { on: { REOPEN: 'open' } },
      },
    },
  },
  helpdesk: {
    label: 'A help desk: waiting, and two guards',
    machine: {
      initial: 'open',
      states: {
        open: { on: { START: 'in-progress' } },
        'in-progress': {
          on: { WAIT: 'waiting-on-customer', RESOLVE: { target: 'resolved', guard: 'hasAnswer' } },
        },
        'waiting-on-customer': {
          meta: { status: 'in-progress' },
          on: { ANSWER: 'in-progress' },
        },
        resolved: { on: { CLOSE: { target: 'closed', guard: 'isLead' }, REOPEN: 'open' } },
        closed: { on: { REOPEN: 'open' } },
      },
    },
    guardMessages: {
      hasAnswer: 'Nobody has answered the customer yet.',
      isLead: 'Only a lead closes a ticket.',
    },
  },
  serviceDesk: {
    label: 'A service desk: six states of its own',
    machine: {
      initial: 'New',
      states: {
        New: { meta: { status: 'open' }, on: { ASSIGN: 'Active' } },
        Active: {
          meta: { status: 'in-progress' },
          on: { ASK_USER: 'Awaiting user', ASK_VENDOR: 'Awaiting vendor', RESOLVE: 'Resolved' },
        },
        'Awaiting user': { meta: { status: 'in-progress' }, on: { RESUME: 'Active' } },
        'Awaiting vendor': { meta: { status: 'in-progress' }, on: { RESUME: 'Active' } },
        Resolved: { meta: { status: 'resolved' }, on: { CLOSE: 'Closed', REOPEN: 'Active' } },
        Closed: { meta: { status: 'closed' }, type: 'final' },
      },
    },
  },
} satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

/** Whether a name, from a URL for instance, is that of a preset. */
export function isPresetName(name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(presets, name);
}

/** A preset's machine as the editor shows it. */
export function presetText(name: PresetName): string {
  return JSON.stringify(presets[name].machine, null, 2);
}

/** What people are told of the presets' guards. */
export const presetGuardMessages: Readonly<Record<string, string>> = presets.helpdesk.guardMessages;
