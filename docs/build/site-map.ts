/** A page in the sidebar, with the sentence that `llms.txt` says of it. */
export interface SitePage {
  readonly text: string;
  readonly link: string;
  readonly about: string;
}

/** Pages that answer one kind of question. */
export interface SitePart {
  readonly text: string;
  readonly items: readonly SitePage[];
}

const page = (link: string, text: string, about: string): SitePage => ({ link, text, about });

/** The pages that are written by hand, in the order of the sidebar. */
export const siteParts: readonly SitePart[] = [
  {
    text: 'Start',
    items: [
      page('/get-started', 'Get started', 'From an empty folder to a confirmed change.'),
      page('/playground', 'Playground', 'Edit a lifecycle and lose answers, in the browser.'),
      page('/recipes/', 'Recipes', 'Whole programs to copy.'),
      page('/faq', 'Questions', 'Short answers, each with its page.'),
    ],
  },
  {
    text: 'Guides',
    items: [
      page('/guides/validate', 'Validate before you call', 'Ask the lifecycle, and show reasons.'),
      page(
        '/guides/limit',
        'Send inside the limit',
        'No 429s by your own requests, and how much of the quota is used.',
      ),
      page('/guides/outcomes', 'Know that it arrived', 'The six outcomes, and lost answers.'),
      page('/guides/service', 'Embed it in a service', 'Buttons, answers and overrides.'),
      page('/guides/own-lifecycle', 'Define your own lifecycle', 'States, guards, payloads, time.'),
      page('/guides/bulk', 'Change tickets in bulk', 'A journal, and a run that goes on.'),
      page('/guides/observe', 'See what others changed', 'Watch tickets, and replay a log.'),
      page('/guides/stores', 'Remember tickets', 'SQLite, Postgres, or a store of your own.'),
      page('/guides/client', 'Use the client alone', 'An SDK for the ticket API.'),
      page('/guides/fleet', 'Run a fleet', 'An outbox on Postgres, for many processes.'),
      page('/guides/scale', 'Size a fleet', 'How many databases a fleet needs.'),
      page('/guides/outbox-operations', 'Operate the outbox', 'Watch it, repair it, upgrade it.'),
      page('/guides/sandbox', 'Test with the sandbox', 'The API on your own machine.'),
      page('/guides/testing', 'Test your code', 'Matchers, walks, and faults on request.'),
      page('/guides/xstate', 'Use XState actors', 'One actor for each ticket.'),
      page('/guides/diagrams', 'Diagrams in your docs', 'Mermaid, DOT and SVG that stay fresh.'),
      page('/guides/migrate', 'Migrate a definition', 'From an old lifecycle to a new one.'),
      page(
        '/guides/mcp',
        'Serve an assistant (MCP)',
        'Tools for an assistant; changes only if you allow them.',
      ),
      page('/guides/security', 'Security', 'Keys, redirects, ids, and this site.'),
    ],
  },
  {
    text: 'Look up',
    items: [
      page('/command-line', 'Command line', 'Every command, in its own words.'),
      page(
        '/contributing/codes',
        'All codes',
        'Blockers, faults, refusals and reasons, with cures.',
      ),
      page('/runtimes', 'Supported runtimes', 'Node.js, browsers, Postgres, and versions.'),
      page('/contributing/glossary', 'Glossary', 'One word, one thing.'),
      page('/changelog', 'Changelog', 'What each version changed.'),
    ],
  },
  {
    text: 'Background',
    items: [
      page('/series-api', 'The Series ticket API', 'What the vendor documents, and what not.'),
      page('/rate-limit', 'Why a limiter must wait for the answer', 'Why other limiters get 429s.'),
      page('/comparison', 'Compared with others', 'What other libraries do, and ours does not.'),
      page('/coming-from', 'Coming from …', 'Enums, XState, Symfony, Statesman, Stateless.'),
      page(
        '/conformance',
        'Clients against every fault',
        'Eight clients, and what each one gets wrong.',
      ),
    ],
  },
  {
    text: 'For contributors',
    items: [
      page('/contributing/', 'Where to start', 'From a clone to green tests.'),
      page('/contributing/architecture', 'Architecture', 'Which package does what.'),
      page('/contributing/how-to-add', 'How to add …', 'A command, a code, a format.'),
      page('/contributing/decisions/', 'Decisions', 'Why it is so.'),
    ],
  },
];
