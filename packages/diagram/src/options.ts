import {
  anything,
  checkOptions,
  oneOf,
  type OptionCheck,
  type OptionChecks,
} from '@ticket-lifecycle/internal/option-checks';
import { messages, type Lifecycle, type Messages, type Replay } from '@ticket-lifecycle/core';
import { invalid, show } from './errors.ts';
import { namesIn } from './fill-in.ts';
import { englishWords, type DiagramWords, type GivenWords } from './words.ts';

/** How often a ticket went from one state, or status, to another. */
export interface TransitionCount {
  readonly from: string;
  readonly to: string;
  readonly count: number;
}

/** What was seen: replayed histories, counted changes, or both. */
export type Counts = Replay | readonly (Replay | TransitionCount)[];

/** What a diagram shows beside states and edges. */
export interface DiagramOptions<State extends string = string, Context = unknown> {
  /**
   * A heading.
   *
   * @defaultValue none in the picture; an SVG's name is then "Ticket lifecycle"
   */
  readonly title?: string | undefined;
  /**
   * The direction from open to closed.
   *
   * @defaultValue 'right'; for an SVG the one that fits its `width`
   */
  readonly direction?: 'right' | 'down' | undefined;
  /**
   * Whether an edge shows its conditions: each guard by its label or its name, never by the message
   * of its failure, which belongs to a ticket at `at`.
   *
   * @defaultValue 'names'
   */
  readonly guards?: 'names' | 'none' | undefined;
  /** What a condition is called, by the name of its guard. */
  readonly guardLabels?: Readonly<Record<string, string>> | undefined;
  /**
   * Whether states that share a status stand in a frame of that status. Without frames each of them
   * names its status.
   *
   * @defaultValue true; for an SVG, what fits its `width`
   */
  readonly group?: boolean | undefined;
  /**
   * Whether states show their deadlines (`meta.due`) and clocks (`meta.sla`).
   *
   * @defaultValue true
   */
  readonly times?: boolean | undefined;
  /** Marks the state of a ticket, what is enabled there, and what is blocked, with the reason. */
  readonly at?: State | undefined;
  /** Marks the state that the ticket was in before. */
  readonly previous?: State | undefined;
  /**
   * The context for the guards at `at`.
   *
   * @defaultValue the machine's initial context
   */
  readonly context?: Context | undefined;
  /**
   * How often each change was seen, from `lifecycle.replay` or as a list: edges become as thick as
   * they are frequent, and a change that is no edge is added as a dashed one.
   */
  readonly counts?: Counts | undefined;
  /** The reasons of blocked edges in another language, as core's `translate` takes them. */
  readonly messages?: Partial<Messages> | undefined;
  /**
   * All other texts of the drawing in another language, such as `{ jump: 'ein Sprung' }`: legend,
   * times, description and the name of a drawing without a title.
   *
   * @defaultValue English
   */
  readonly words?: GivenWords | undefined;
}

/** Options of an SVG. */
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
  /**
   * The width in pixels of the place where it is shown. Direction, frames and line breaks are chosen
   * so that it fits, unless given; what does not fit at all comes out as narrow as can be.
   *
   * @defaultValue 880, a README on GitHub
   */
  readonly width?: number | undefined;
  /**
   * The page that it is shown on. `auto` takes the ink of the text around it inside a page, and
   * follows the reader's scheme as a file of its own.
   *
   * @defaultValue 'auto'
   */
  readonly scheme?: 'auto' | 'light' | 'dark' | undefined;
  /**
   * Whether the SVG also holds the verdict on every event in every state, with all reasons, for
   * `<ticket-lifecycle>` to play. Guards are asked now, with `context`.
   *
   * @defaultValue false
   */
  readonly playable?: boolean | undefined;
  /**
   * Whether the overlays (`at`, `previous`, `counts`, `playable`) are explained below the picture.
   *
   * @defaultValue true
   */
  readonly legend?: boolean | undefined;
}

/** What is drawn into the marked blocks of a text, and into which of them. */
export interface MarkdownOptions<
  State extends string = string,
  Context = unknown,
> extends DiagramOptions<State, Context> {
  /**
   * The language of the fence.
   *
   * @defaultValue 'mermaid'
   */
  readonly format?: 'mermaid' | 'dot' | undefined;
  /**
   * Only the blocks with this name behind `diagram` in their marker.
   *
   * @defaultValue all blocks
   */
  readonly name?: string | undefined;
}

const text: OptionCheck = (value) => (typeof value === 'string' ? undefined : 'a string');

const yesOrNo: OptionCheck = (value) => (typeof value === 'boolean' ? undefined : 'true or false');
const labels: OptionCheck = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.values(value).every((label) => typeof label === 'string')
    ? undefined
    : 'an object of texts by the names of guards';
const codes = Object.keys(messages);
const catalogue: OptionCheck = (value) =>
  typeof value === 'object' &&
  value !== null &&
  Object.entries(value).every(([code, make]) => codes.includes(code) && typeof make === 'function')
    ? undefined
    : `functions by the codes ${codes.join(', ')}`;
const wordTexts: OptionCheck = (value) => {
  const names = Object.keys(englishWords);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return `an object of texts by the names ${names.join(', ')}`;
  }
  for (const [name, one] of Object.entries(value) as [string, unknown][]) {
    if (!Object.hasOwn(englishWords, name)) {
      return `an object of texts by the names ${names.join(', ')}, and not by ${show(name)}`;
    }
    if (one === undefined) continue;
    if (typeof one !== 'string') return `an object with a text as its "${name}"`;
    const known = namesIn(englishWords[name as keyof DiagramWords]);
    const odd = namesIn(one).find((place) => !known.includes(place));
    if (odd === undefined) continue;
    const expected = known.length === 0 ? 'nothing' : known.join(' and ');
    return `an object whose "${name}" has ${expected} in braces, and not ${odd}`;
  }
  return undefined;
};
export const pixels: OptionCheck = (value) =>
  typeof value === 'number' && value > 0 && value < Infinity ? undefined : 'a number of pixels';

const aScale: OptionCheck = (value) =>
  typeof value === 'number' && value >= 0.1 && value <= 10 ? undefined : 'a number from 0.1 to 10';
const paths: OptionCheck = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((path) => typeof path === 'string')
    ? undefined
    : 'paths of font files';

const diagramChecks = (states: readonly string[]): OptionChecks<DiagramOptions> => ({
  title: text,
  direction: oneOf('right', 'down'),
  guards: oneOf('names', 'none'),
  guardLabels: labels,
  group: yesOrNo,
  times: yesOrNo,
  at: oneOf(...states),
  previous: oneOf(...states),
  context: anything,
  // Checked where they are read: the messages name the entry.
  counts: anything,
  messages: catalogue,
  words: wordTexts,
});

// An id with a space or a quote in it could not be referred to.
const anId: OptionCheck = (value) =>
  typeof value === 'string' && /^[a-z][\w-]*$/i.test(value)
    ? undefined
    : 'a letter, then letters, digits, "-" or "_"';
const aName: OptionCheck = (value) =>
  typeof value === 'string' && /^[\w.-]+$/.test(value)
    ? undefined
    : 'letters, digits, ".", "-" or "_"';

const ownChecks = {
  diagram: {},
  svg: {
    idPrefix: anId,
    width: pixels,
    scheme: oneOf('auto', 'light', 'dark'),
    playable: yesOrNo,
    legend: yesOrNo,
  },
  png: {
    width: pixels,
    legend: yesOrNo,
    scheme: oneOf('light', 'dark'),
    scale: aScale,
    fontFiles: paths,
  },
  markdown: { format: oneOf('mermaid', 'dot'), name: aName },
};

/** Checks what came from outside, and names owner, option, expected and received in one message. */
export function checkArguments(
  owner: string,
  kind: keyof typeof ownChecks,
  lifecycle: Lifecycle,
  options: object,
): void {
  if (!isLifecycle(lifecycle)) {
    throw invalid(
      `${owner}: expected a lifecycle, as defineLifecycle makes it, received ${show(lifecycle)}.`,
    );
  }
  const checks = { ...diagramChecks(lifecycle.states), ...ownChecks[kind] };
  checkOptions(owner, options, checks, { show, failWith: invalid });
}

/** Options that are not text: no comment and no fence can hold them. */
export const unwrittenNames = ['context', 'counts', 'guardLabels', 'messages', 'words'] as const;

/** Checks options that were read from a comment or a fence, where only texts can be written. */
export function checkWritten(
  owner: string,
  kind: keyof typeof ownChecks,
  lifecycle: Lifecycle,
  options: object,
): void {
  const checks = Object.entries({ ...diagramChecks(lifecycle.states), ...ownChecks[kind] });
  const found = unwrittenNames.find((name) => Object.hasOwn(options, name));
  if (found !== undefined) {
    throw invalid(
      `${owner}: option "${found}" is not a text, so it can't be written here. Pass it to what draws.`,
    );
  }
  // The name of a block is not an option of its drawing.
  const others: readonly string[] = [...unwrittenNames, 'name'];
  const written = Object.fromEntries(checks.filter(([name]) => !others.includes(name)));
  checkOptions(owner, options, written as OptionChecks<object>, { show, failWith: invalid });
}

export function isLifecycle(value: unknown): value is Lifecycle {
  const { edges, states, machine } = (value ?? {}) as Partial<Lifecycle>;
  return Array.isArray(edges) && Array.isArray(states) && typeof machine === 'object';
}
