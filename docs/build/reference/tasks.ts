/** Exports that serve one task of a reader. */
export interface ReferenceTask {
  readonly heading: string;
  /** One sentence below the heading. */
  readonly about: string;
  /** Beginnings of paths in the package's `src/`. The longest one that fits a file decides. */
  readonly sources: readonly string[];
}

/** What the first page of an entry point says, and how its exports are grouped. */
export interface ReferenceEntry {
  readonly introduction: string;
  /** In the order in which a reader needs them. An entry point with few exports has none. */
  readonly tasks?: readonly ReferenceTask[];
}

const core: ReferenceEntry = {
  introduction: `Answers what may happen to a ticket, and why not. Everything here is pure: no network, no clock, no timer.

Begin with \`ticketLifecycle\`, the default lifecycle, or make your own with \`defineLifecycle\`. Both have the methods of \`Lifecycle\`: \`explain\`, \`enabled\`, \`plan\`, \`observe\`, \`replay\`. Guides: [Validate before you call](/guides/validate), [Define your own lifecycle](/guides/own-lifecycle), [See what others changed](/guides/observe).`,
  tasks: [
    {
      heading: 'Define a lifecycle',
      about: 'From an XState machine or a JSON config to a checked lifecycle.',
      sources: ['definition/', 'lifecycle/', 'ticket-status'],
    },
    {
      heading: 'Ask what may happen',
      about: 'Verdicts with all their blockers, and the edges of a definition.',
      sources: ['queries/', 'blockers', 'lifecycle/parse-event', 'lifecycle/build-lifecycle'],
    },
    {
      heading: 'Plan a path',
      about: 'The shortest or cheapest path to a state or a status.',
      sources: ['queries/plan', 'queries/blocked-paths'],
    },
    {
      heading: 'Read a history',
      about: 'What others changed, and how well a log fits the lifecycle.',
      sources: [
        'queries/observe',
        'queries/replay',
        'queries/tally',
        'queries/variants',
        'queries/log-times',
        'quantiles',
        'queries/state-for',
      ],
    },
    {
      heading: 'Follow deadlines and service levels',
      about: 'Which events are due, and how much of a `meta.sla` clock is used. You pass the time.',
      sources: ['queries/due', 'sla/', 'moments', 'durations'],
    },
    {
      heading: 'Change a definition',
      about: 'Compare two lifecycles, and move stored tickets from one to the other.',
      sources: ['compare/', 'lifecycle/migration'],
    },
    {
      heading: 'Tell people and programs',
      about: 'Errors, problem details, and the built-in sentences in another language.',
      sources: [
        'errors',
        'lifecycle/messages',
        'lifecycle/problem',
        'definition/lifecycle-options',
      ],
    },
  ],
};

const series: ReferenceEntry = {
  introduction: `Sends the changes that a lifecycle allows to the Series HR ticket API: inside its limit, in order per ticket, each with a clear outcome.

Make a client with \`createSeriesClient\` and a workflow with \`createTicketWorkflow\`. Then \`workflow.apply\` makes one change, and \`workflow.moveTo\` goes all the way to a state. Guides: [Send inside the limit](/guides/limit), [Know that it arrived](/guides/outcomes), [Use XState actors](/guides/xstate).`,
  tasks: [
    {
      heading: 'Change tickets',
      about: 'The guarded workflow, its options and its events.',
      sources: ['workflow/', 'tickets/blockers', 'tickets/locate'],
    },
    {
      heading: 'Handle outcomes',
      about: 'The six ways in which a change ends, as data, as a log record and as an HTTP answer.',
      sources: [
        'workflow/outcome',
        'workflow/move',
        'tickets/judge-doubt',
        'workflow/change-sink',
        'http/',
      ],
    },
    {
      heading: 'Call the API yourself',
      about: 'The client without a lifecycle, and what it returns.',
      sources: ['client/', 'request/', 'schemas', 'clock'],
    },
    {
      heading: 'Handle errors',
      about: 'What a call of the client throws, and what it proves.',
      sources: ['errors'],
    },
    {
      heading: 'Stay inside the limit',
      about: 'The limiter of a key, its leases and its events.',
      sources: ['limiter/'],
    },
    {
      heading: 'Remember and watch tickets',
      about: 'Where a ticket is, where that is kept, and what others changed.',
      sources: ['tickets/', 'stores/'],
    },
    {
      heading: 'Run a ticket as an XState actor',
      about: 'One actor per ticket, for programs that already use XState.',
      sources: ['integrations/'],
    },
  ],
};

const outbox: ReferenceEntry = {
  introduction: `Stores changes in the transaction of your own data, and delivers them later: in order per ticket, inside the limit of each key over all processes.

Make an outbox with \`createMemoryOutbox\`, \`createPgliteOutbox\` or \`createPostgresOutbox\`; all three have the methods of \`Outbox\`. Guides: [Run a fleet](/guides/fleet), [Operate the outbox](/guides/outbox-operations).`,
  tasks: [
    {
      heading: 'Open an outbox',
      about: 'Three backends with the same methods.',
      sources: ['create-outbox', 'memory/', 'sql/create', 'sql/database', 'model/outbox'],
    },
    {
      heading: 'Accept changes in your transaction',
      about: 'What a change is, and how the transactions of query builders are taken.',
      sources: ['model/change', 'sql/accept', 'sql/adapters'],
    },
    {
      heading: 'Deliver changes',
      about: 'Deliver to Series, or to a system of your own.',
      sources: ['series/', 'model/delivery'],
    },
    {
      heading: 'Watch and operate it',
      about: 'Metrics, and the errors that an operator meets.',
      sources: ['metrics', 'model/errors'],
    },
  ],
};

const sandbox: ReferenceEntry = {
  introduction: `The Series HR ticket API on your own machine: as strict as its documentation, with faults on request, and a record of everything.

\`createSandbox\` gives you a \`fetch\` for tests; \`startSandbox\` listens on a port of this machine. Guide: [Test with the sandbox](/guides/sandbox).`,
  tasks: [
    {
      heading: 'Start a sandbox',
      about: 'In your process, or as a server.',
      sources: ['sandbox', 'start-sandbox', 'options', 'clock', 'error'],
    },
    {
      heading: 'Arrange and read tickets',
      about: 'The tickets that it holds, and the messages that changes leave.',
      sources: ['tickets/'],
    },
    {
      heading: 'Make it fail',
      about: 'Faults, and people who change tickets at the same time.',
      sources: ['faults/', 'limits/stranger'],
    },
    {
      heading: 'Limit it',
      about: 'Four ways to count 25 requests per second.',
      sources: ['limits/', 'api/too-many-requests'],
    },
    {
      heading: 'Judge what a client did',
      about: 'Every request with its time, and the promises that were broken.',
      sources: ['record/', 'api/'],
    },
  ],
};

const diagram: ReferenceEntry = {
  introduction: `Draws a lifecycle as Mermaid, DOT or SVG, with a ticket or a history laid over it, and keeps the diagrams in your Markdown fresh. Guide: [Diagrams in your docs](/guides/diagrams).`,
  tasks: [
    {
      heading: 'Draw a lifecycle',
      about: 'As text for Mermaid and Graphviz, or as a picture.',
      sources: ['mermaid/', 'dot/', 'svg/', 'options', 'errors'],
    },
    {
      heading: 'Keep diagrams in Markdown fresh',
      about: 'Blocks with a marker are drawn again, or checked in CI.',
      sources: ['markdown/'],
    },
  ],
};

/** The reference of each path that can be imported, in the order of its index. */
export const referenceEntries: Readonly<Record<string, ReferenceEntry>> = {
  core,
  series,
  outbox,
  sandbox,
  diagram,
  'core/lean': {
    introduction: `The lifecycle without plans, replay and deadlines, for a page that pays for each byte. It answers \`can\`, \`explain\` and \`enabled\` as the whole one does.`,
  },
  'core/journal': {
    introduction: `One decision as an entry of your own log: plain data, with a schema to read it back.`,
  },
  'core/sla': {
    introduction: `Reads the service levels of a ticket from the rows of its history: what is used, what is left, and when the target is missed. [The guide](/guides/own-lifecycle) shows how a lifecycle declares its clocks.`,
  },
  'core/time-zone': {
    introduction: `The clocks of a time zone: a calendar whose days end as they say, for deadlines in days, and when they show a time that has no zone, as the rows of many logs.`,
  },
  'core/testing': {
    introduction: `Matchers for Vitest, and walks that cover every edge of a lifecycle. Guide: [Test your code](/guides/testing).`,
  },
  'series/client': {
    introduction: `The client alone, for a program that needs no lifecycle: this entry point does not load XState. Its exports are those of \`@ticket-lifecycle/series\`.`,
  },
  'series/ids': {
    introduction: `The schemas of ids alone, for a form or a route that checks its input.`,
  },
  'series/limiter': {
    introduction: `The rules of timing that the limiter applies, for a limiter of your own.`,
  },
  'series/opentelemetry': {
    introduction: `A span for each change and each attempt of a workflow.`,
  },
  'series/postgres': {
    introduction: `A status store in Postgres. Guide: [Remember tickets across restarts](/guides/stores).`,
  },
  'series/sqlite': {
    introduction: `A status store in SQLite. Guide: [Remember tickets across restarts](/guides/stores).`,
  },
  'series/testing': {
    introduction: `The contract of status stores, as cases for your own test runner. Guide: [Remember tickets across restarts](/guides/stores).`,
  },
  'diagram/element': {
    introduction: `The element \`<ticket-lifecycle>\`: a picture of a lifecycle in a page, whose events readers can press. Guide: [Diagrams in your docs](/guides/diagrams).`,
  },
  'diagram/remark': {
    introduction: `A plugin that draws lifecycles in the pages of a site that uses remark, such as Docusaurus, Starlight and Astro. Guide: [Diagrams in your docs](/guides/diagrams).`,
  },
  'diagram/png': {
    introduction: `Draws a lifecycle as a PNG, for places that take no SVG. Guide: [Diagrams in your docs](/guides/diagrams).`,
  },
  'diagram/markdown-it': {
    introduction: `A plugin that draws lifecycles in the pages of a site that uses markdown-it, such as VitePress. Guide: [Diagrams in your docs](/guides/diagrams).`,
  },
  'sandbox/conformance': {
    introduction: `Runs any client through every fault of the sandbox, and compares its verdict with the sandbox's record. [Clients against every fault](/conformance) shows a report.`,
  },
};

/** What a path says of itself that has no words of its own yet. */
export const introductionTo = (entry: string): ReferenceEntry => ({
  introduction: `What \`@ticket-lifecycle/${entry}\` exports.`,
});

const more: ReferenceTask = {
  heading: 'More',
  about: 'What serves several tasks.',
  sources: [],
};

/** The task that a source file serves. */
export function taskOf(entry: string, file: string): ReferenceTask | undefined {
  const tasks = referenceEntries[entry]?.tasks;
  if (tasks === undefined) return undefined;
  const fitting = tasks.flatMap((task) =>
    task.sources
      .filter((source) => file.startsWith(source))
      .map((source) => ({ task, length: source.length })),
  );
  const [best] = fitting.toSorted((one, other) => other.length - one.length);
  return best?.task ?? more;
}
