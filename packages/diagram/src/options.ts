import type { Lifecycle } from '@ticket-lifecycle/core';
import type { Counts } from './picture/counts.ts';
import { invalid, invalidOption, show } from './invalid-option.ts';

/** What a diagram shows beside states and edges. */
export interface DiagramOptions<State extends string = string, Context = unknown> {
  /** A heading. @defaultValue none in the picture; an SVG's name is then "Ticket lifecycle" */
  readonly title?: string | undefined;
  /** Where the way from open to closed leads. @defaultValue 'right' */
  readonly direction?: 'right' | 'down' | undefined;
  /** What an edge says of its guards: what people are told, the names, or nothing. @defaultValue 'messages' */
  readonly guards?: 'messages' | 'names' | 'none' | undefined;
  /** Marks where a ticket stands, what is enabled there, and what is blocked, with the reason. */
  readonly at?: State | undefined;
  /** Marks where the ticket stood before. */
  readonly previous?: State | undefined;
  /** What the guards are asked with at `at`. @defaultValue the machine's initial context */
  readonly context?: Context | undefined;
  /**
   * How often each change was seen, from `lifecycle.replay` or as a list: edges become as thick as
   * they are frequent, and a change that is no edge is added as a dashed one.
   */
  readonly counts?: Counts | undefined;
}

/** What an SVG can be told besides. */
export interface SvgOptions<
  State extends string = string,
  Context = unknown,
> extends DiagramOptions<State, Context> {
  /**
   * Begins each id in the SVG. Two diagrams on one page need two prefixes.
   *
   * @defaultValue 'lifecycle'
   */
  readonly idPrefix?: string | undefined;
}

/** What is drawn into the marked blocks of a text, and into which of them. */
export interface MarkdownOptions<
  State extends string = string,
  Context = unknown,
> extends DiagramOptions<State, Context> {
  /** The language of the fence. @defaultValue 'mermaid' */
  readonly format?: 'mermaid' | 'dot' | undefined;
  /** The name behind `diagram` in the marker. @defaultValue the blocks without a name */
  readonly name?: string | undefined;
}

/** Says what is wrong with a value, as the words that follow "must be". */
type Check = (value: unknown, lifecycle: Lifecycle) => string | undefined;

const text: Check = (value) => (typeof value === 'string' ? undefined : 'a string');
const oneOf =
  (...names: readonly string[]): Check =>
  (value) =>
    names.includes(value as string) ? undefined : `one of ${names.map(show).join(', ')}`;
const aState: Check = (value, { states }) => oneOf(...states)(value, {} as Lifecycle);
// Counts are checked where they are read: their messages name the entry.
const anything: Check = () => undefined;

const checks: Readonly<Record<keyof DiagramOptions, Check>> = {
  title: text,
  direction: oneOf('right', 'down'),
  guards: oneOf('messages', 'names', 'none'),
  at: aState,
  previous: aState,
  context: anything,
  counts: anything,
};

// An id with a space or a quote in it could not be referred to.
const anId: Check = (value) =>
  typeof value === 'string' && /^[a-z][\w-]*$/i.test(value)
    ? undefined
    : 'a letter, then letters, digits, "-" or "_"';
const aName: Check = (value) =>
  typeof value === 'string' && /^[\w.-]+$/.test(value)
    ? undefined
    : 'letters, digits, ".", "-" or "_"';

const known = {
  diagram: checks,
  svg: { ...checks, idPrefix: anId } satisfies Record<keyof SvgOptions, Check>,
  markdown: {
    ...checks,
    format: oneOf('mermaid', 'dot'),
    name: aName,
  } satisfies Record<keyof MarkdownOptions, Check>,
};

/** Checks what came from outside, and names owner, option, expected and received in one message. */
export function checkArguments(
  owner: string,
  kind: keyof typeof known,
  lifecycle: Lifecycle,
  options: object,
): void {
  if (!isLifecycle(lifecycle)) {
    throw invalid(
      `${owner}: expected a lifecycle, as defineLifecycle makes it; received ${show(lifecycle)}.`,
    );
  }
  if (typeof options !== 'object' || options === null) {
    throw invalid(`${owner}: expected options as an object; received ${show(options)}.`);
  }
  const own: Readonly<Record<string, Check>> = known[kind];
  for (const [name, value] of Object.entries(options)) {
    const check = Object.hasOwn(own, name) ? own[name] : undefined;
    if (check === undefined) {
      const names = Object.keys(own).join(', ');
      throw invalid(`${owner}: unknown option ${show(name)}; expected one of ${names}.`);
    }
    const expected = value === undefined ? undefined : check(value, lifecycle);
    if (expected !== undefined) throw invalidOption(owner, name, expected, value);
  }
}

function isLifecycle(value: unknown): value is Lifecycle {
  const { edges, states, machine } = (value ?? {}) as Partial<Lifecycle>;
  return Array.isArray(edges) && Array.isArray(states) && typeof machine === 'object';
}
