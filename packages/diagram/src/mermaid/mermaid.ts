import type { Lifecycle } from '@ticket-lifecycle/core';
import { idsOf } from '../picture/ids.ts';
import {
  linesOfWords,
  mermaidId,
  mermaidLabel,
  mermaidText,
  mermaidTitle,
  mermaidWords,
} from './mermaid-text.ts';
import { checkArguments, type DiagramOptions } from '../options.ts';
import { describe } from '../picture/description.ts';
import {
  bundlesOf,
  pictureOf,
  type Picture,
  type PictureEdge,
  type PictureState,
} from '../picture/picture.ts';

// Outlines only: they show on a light page and on a dark one.
const marks = {
  current: 'stroke:#2563eb,stroke-width:4px',
  previous: 'stroke:#2563eb,stroke-width:2px,stroke-dasharray:5 4',
} as const;

/**
 * Draws a lifecycle as a Mermaid state diagram, which GitHub, GitLab and many wikis show as a
 * picture. The same lifecycle and options always give the same text.
 *
 * Mermaid can't style a single edge of a state diagram: what is enabled is marked ✓, what is
 * blocked ✗ with the reason, and counts are said as numbers. Events from one state to another that
 * look the same share an arrow; one with notes, such as guards or reasons, has its own. All events
 * from a state to itself share one. `accTitle` and `accDescr` are for people who hear the picture.
 *
 * @throws DiagramError that names an option that makes no sense.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { toMermaid } from '@ticket-lifecycle/diagram';
 *
 * const lines = toMermaid(ticketLifecycle).split('\n');
 * console.log(lines[0]); // stateDiagram-v2
 * console.log(lines.at(-2)?.trim()); // closed --> open: REOPEN
 * ```
 */
export function toMermaid<State extends string, Context>(
  lifecycle: Lifecycle<State, { type: string }, Context>,
  options?: DiagramOptions<NoInfer<State>, NoInfer<Context>>,
): string;
export function toMermaid(lifecycle: Lifecycle, options: DiagramOptions = {}): string {
  checkArguments('toMermaid', 'diagram', lifecycle, options);
  const picture = pictureOf('toMermaid', lifecycle, options);
  const { title, direction, states, groups, edges, seen, initial } = picture;
  const ids = idsOf(
    states.map(({ name }) => name),
    mermaidId,
  );
  const id = (name: string) => ids.get(name) ?? '';
  const grouped = new Set(groups.flatMap((group) => group.states));
  const groupIds = groupIdsOf(picture, new Set(ids.values()));

  const lines = [
    ...(title === undefined ? [] : ['---', `title: ${mermaidTitle(title)}`, '---']),
    'stateDiagram-v2',
    `  accTitle: ${mermaidWords(title ?? '') || mermaidWords(picture.words.title)}`,
    '  accDescr {',
    ...linesOfWords(mermaidWords(describe(picture))).map((line) => `    ${line}`),
    '  }',
    `  direction ${direction === 'right' ? 'LR' : 'TB'}`,
    // First, so that the layout begins with it.
    `  [*] --> ${id(initial)}`,
    ...states.filter(({ name }) => !grouped.has(name)).flatMap((state) => declare(state, '  ')),
    ...groups.flatMap((group) => [
      `  state "${mermaidText(group.status)}" as ${groupIds.get(group.status)} {`,
      ...states
        .filter(({ name }) => group.states.includes(name))
        .flatMap((state) => declare(state, '    ', true)),
      '  }',
    ]),
    ...arrowsOf(edges).map((bundle) => {
      const [{ from, to } = { from: '', to: '' }] = bundle;
      const texts = bundle.flatMap(({ head, notes }) => [head, ...notes]);
      return arrow(id(from), id(to), texts);
    }),
    ...seen.map(({ from, to, head, notes }) => arrow(endOf(from), endOf(to), [head, ...notes])),
    ...states.filter(({ isFinal }) => isFinal).map(({ name }) => `  ${id(name)} --> [*]`),
    ...Object.entries(marks).flatMap(([mark, style]) => {
      const marked = states.filter((state) => state.mark === mark).map(({ name }) => id(name));
      return marked.length === 0
        ? []
        : [`  classDef ${mark} ${style}`, `  class ${marked.join(',')} ${mark}`];
    }),
  ];
  return `${lines.join('\n')}\n`;

  function declare(
    { name, label, status, showsStatus, times }: PictureState,
    indent: string,
    always = false,
  ) {
    const texts = [label, ...(showsStatus ? [`(${status})`] : []), ...times];
    const text = mermaidLabel(texts.join('\n'));
    // An id that says it all needs no declaration, outside of a group.
    if (text === id(name) && !always) return [];
    return [`${indent}state "${text}" as ${id(name)}`];
  }

  /** One state by its id, several of one status by their group. */
  function endOf(names: readonly string[]): string {
    const [first = ''] = names;
    const group = groups.find(({ states: inside }) => names.length > 1 && inside.includes(first));
    return (group && groupIds.get(group.status)) ?? id(first);
  }
}

/** Mermaid 11 draws only the last of several arrows from a state to itself, so they are one. */
function arrowsOf(edges: Picture['edges']): (readonly PictureEdge[])[] {
  const isLoop = ({ from, to }: PictureEdge) => from === to;
  const loops = Map.groupBy(edges.filter(isLoop), ({ from }) => from);
  return [...bundlesOf(edges.filter((edge) => !isLoop(edge))), ...loops.values()];
}

const arrow = (from: string, to: string, texts: readonly string[]): string =>
  `  ${from} --> ${to}: ${texts.map(mermaidText).join('<br/>')}`;

function groupIdsOf({ groups }: Picture, taken: ReadonlySet<string>): ReadonlyMap<string, string> {
  return idsOf(
    groups.map(({ status }) => status),
    (status) => {
      let id = `status_${mermaidId(status)}`;
      while (taken.has(id)) id += '_';
      return id;
    },
  );
}
