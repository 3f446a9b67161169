import type { Shared } from './share.ts';

/** A lifecycle to begin with. */
export interface Preset {
  readonly label: string;
  /** What is particular about it. */
  readonly about: string;
  readonly machine: object;
  readonly guardMessages?: Readonly<Record<string, string>>;
}

/** The lifecycles that the playground offers and the pages draw. */
export const presets = {
  ticket: {
    label: 'Default',
    about: 'the four statuses of the API',
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
    label: 'Help desk',
    about: 'a waiting state and two guards',
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
    label: 'Service desk',
    about: 'six states with names of its own, and a clock',
    machine: {
      initial: 'New',
      meta: {
        sla: {
          clocks: { solution: { target: 'PT16H', calendar: 'office' } },
          calendars: {
            office: {
              timeZone: 'Europe/Berlin',
              hours: {
                monday: '08:00-18:00',
                tuesday: '08:00-18:00',
                wednesday: '08:00-18:00',
                thursday: '08:00-18:00',
                friday: '08:00-18:00',
              },
            },
          },
        },
      },
      states: {
        New: { meta: { status: 'open', sla: { solution: 'run' } }, on: { ASSIGN: 'Active' } },
        Active: {
          meta: { status: 'in-progress', sla: { solution: 'run' } },
          on: { ASK_USER: 'Awaiting user', ASK_VENDOR: 'Awaiting vendor', RESOLVE: 'Resolved' },
        },
        'Awaiting user': { meta: { status: 'in-progress' }, on: { RESUME: 'Active' } },
        'Awaiting vendor': { meta: { status: 'in-progress' }, on: { RESUME: 'Active' } },
        Resolved: {
          meta: { status: 'resolved', sla: { solution: 'stop' } },
          on: { CLOSE: 'Closed', REOPEN: 'Active' },
        },
        Closed: { meta: { status: 'closed', sla: { solution: 'stop' } }, type: 'final' },
      },
    },
  },
  itDesk: {
    label: 'IT desk',
    about: 'twelve states, from triage to spam',
    machine: {
      initial: 'new',
      states: {
        new: { meta: { status: 'open' }, on: { TRIAGE: 'triaged', MARK_AS_SPAM: 'spam' } },
        triaged: { meta: { status: 'open' }, on: { ASSIGN: 'in-progress', MERGE: 'duplicate' } },
        'in-progress': {
          on: {
            ASK_CUSTOMER: 'waiting-on-customer',
            ASK_VENDOR: 'waiting-on-vendor',
            ESCALATE: 'escalated',
            ASK_FOR_APPROVAL: 'awaiting-approval',
            RESOLVE: 'resolved',
          },
        },
        'waiting-on-customer': {
          meta: { status: 'in-progress' },
          on: { ANSWER: 'in-progress', GIVE_UP: 'resolved' },
        },
        'waiting-on-vendor': {
          meta: { status: 'in-progress' },
          on: { VENDOR_ANSWER: 'in-progress' },
        },
        escalated: {
          meta: { status: 'in-progress' },
          on: { TAKE_OVER: 'in-progress', RESOLVE: 'resolved' },
        },
        'awaiting-approval': {
          meta: { status: 'in-progress' },
          on: { APPROVE: { target: 'approved', guard: 'isManager' }, REJECT: 'in-progress' },
        },
        approved: { meta: { status: 'in-progress' }, on: { RESOLVE: 'resolved' } },
        resolved: { on: { CLOSE: 'closed', REOPEN: 'in-progress' } },
        closed: { on: { REOPEN: 'in-progress' } },
        duplicate: { meta: { status: 'closed' }, on: { SPLIT: 'triaged' } },
        spam: { meta: { status: 'closed' }, on: { RESTORE: 'new' } },
      },
    },
    guardMessages: { isManager: 'Only a manager approves.' },
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
export const presetGuardMessages: Readonly<Record<string, string>> = {
  ...presets.helpdesk.guardMessages,
  ...presets.itDesk.guardMessages,
};

/** What the playground opens with. */
export const beginning: Shared = {
  text: presetText('helpdesk'),
  at: 'open',
  target: 'closed',
  fault: '',
  answers: {},
  history:
    'Ticket,Time,State\nA-1,2026-03-02 09:00,New\nA-1,2026-03-02 09:20,Active\nA-1,2026-03-02 11:00,Awaiting user\nA-1,2026-03-03 08:30,Active\nA-1,2026-03-03 10:00,Resolved\nA-1,2026-03-03 15:00,Active\nA-1,2026-03-04 09:00,Resolved\nA-1,2026-03-06 09:00,Closed\nA-2,2026-03-02 10:00,New\nA-2,2026-03-02 10:05,Resolved\nA-2,2026-03-04 10:05,Closed',
  map: 'New=open, Active=in-progress, Awaiting *=in-progress, Resolved=resolved, Closed=closed',
  timeZone: '',
  ignore: '',
  ticketColumn: '',
  isOneTicket: false,
  complete: false,
  count: 200,
  limit: 'sliding-log',
  form: 'typescript',
  colleague: 'closed',
  reads: true,
  verify: false,
};
