import type { Lifecycle } from '@ticket-lifecycle/core';
import { dotId, dotLabel, dotString, dotText } from './dot-text.ts';
import { idsOf } from '../picture/ids.ts';
import { checkArguments, type DiagramOptions } from '../options.ts';
import { pictureOf, type PictureEdge, type PictureState } from '../picture/picture.ts';
import { noteLabel, stateLabel } from '../label-width.ts';

const accent = '#2563eb';
const enabled = '#15803d';
const blocked = '#b91c1c';
const faint = '#6b7280';

/**
 * Draws a lifecycle as a DOT graph for Graphviz and everything that reads its language. The same
 * lifecycle and options always give the same text.
 *
 * @throws DiagramError that names an option that makes no sense.
 *
 * @example
 * ```ts
 * import { ticketLifecycle } from '@ticket-lifecycle/core';
 * import { toDot } from '@ticket-lifecycle/diagram';
 *
 * const dot = toDot(ticketLifecycle, { at: 'resolved' });
 * console.log(dot.match(/^digraph .+$/m)?.[0]); // digraph lifecycle {
 * console.log(dot.includes('label="✓ CLOSE"')); // true
 * ```
 */
export function toDot<State extends string, Context>(
  lifecycle: Lifecycle<State, { type: string }, Context>,
  options?: DiagramOptions<NoInfer<State>, NoInfer<Context>>,
): string;
export function toDot(lifecycle: Lifecycle, options: DiagramOptions = {}): string {
  checkArguments('toDot', 'diagram', lifecycle, options);
  const picture = pictureOf('toDot', lifecycle, options);
  const { title, direction, states, groups, edges, seen, initial } = picture;
  const start = 'start of a ticket';
  const ids = idsOf([start, ...states.map(({ name }) => name)], dotId);
  const id = (name: string) => dotString(ids.get(name) ?? '');
  const grouped = new Set(groups.flatMap((group) => group.states));
  const node = (state: PictureState) => `${id(state.name)} ${attributes(stateAttributes(state))};`;

  const lines = [
    'digraph lifecycle {',
    `  graph ${attributes({
      rankdir: direction === 'right' ? 'LR' : 'TB',
      compound: 'true',
      // With frames, ranks would else follow the frames and not the edges.
      newrank: 'true',
      fontname: '"Helvetica"',
      ...(title === undefined ? {} : { label: dotText(title), labelloc: 't', fontsize: '16' }),
    })};`,
    '  node [shape=box, style=rounded, fontname="Helvetica", fontsize=12];',
    '  edge [fontname="Helvetica", fontsize=10];',
    `  ${id(start)} [shape=point, width=0.15];`,
    ...states.filter(({ name }) => !grouped.has(name)).map((state) => `  ${node(state)}`),
    ...groups.flatMap(({ status, states: inside }) => [
      `  subgraph ${dotString(`cluster_${status}`)} {`,
      `    graph ${attributes({ label: dotText(status), style: 'dashed', color: `"${faint}"` })};`,
      ...states.filter(({ name }) => inside.includes(name)).map((state) => `    ${node(state)}`),
      '  }',
    ]),
    `  ${id(start)} -> ${id(initial)};`,
    ...edges.map(
      (edge) => `  ${id(edge.from)} -> ${id(edge.to)} ${attributes(edgeAttributes(edge))};`,
    ),
    ...seen.map(({ from: [from = ''], to: [to = ''], head, notes, kind, share }) => {
      const values = {
        label: dotLabel([head, ...notes], noteLabel),
        style: kind === 'one-of-several' ? 'solid' : 'dashed',
        color: `"${kind === 'jump' ? blocked : faint}"`,
        penwidth: widthOf(share),
        constraint: 'false',
        class: `"seen ${kind}"`,
      };
      return `  ${id(from)} -> ${id(to)} ${attributes(values)};`;
    }),
    '}',
  ];
  return `${lines.join('\n')}\n`;
}

function stateAttributes({
  label,
  description,
  status,
  showsStatus,
  times,
  isFinal,
  mark,
}: PictureState) {
  return {
    label: dotLabel([label, ...(showsStatus ? [`(${status})`] : []), ...times], () => stateLabel),
    ...(description === undefined ? {} : { tooltip: dotText(description) }),
    class: `"state${mark === undefined ? '' : ` ${mark}`}"`,
    ...(isFinal ? { peripheries: '2' } : {}),
    ...(mark === 'current' ? { color: `"${accent}"`, penwidth: '3' } : {}),
    ...(mark === 'previous' ? { color: `"${accent}"`, style: '"rounded,dashed"' } : {}),
  };
}

function edgeAttributes({ event, head, notes, standing, isReopening, share }: PictureEdge) {
  const colors = { enabled, blocked, elsewhere: isReopening ? faint : undefined };
  const color = colors[standing.kind];
  return {
    label: dotLabel([head, ...notes], noteLabel),
    ...(notes.length === 0 ? {} : { tooltip: dotText([event, ...notes].join(' ')) }),
    class: standing.kind === 'elsewhere' ? '"edge"' : `"edge ${standing.kind}"`,
    ...(color === undefined ? {} : { color: `"${color}"`, fontcolor: `"${color}"` }),
    ...(share === undefined ? {} : { penwidth: widthOf(share) }),
  };
}

const widthOf = (share: number): string => (1 + 7 * share).toFixed(2);

/** A list of attributes whose values are quoted already, where they have to be. */
const attributes = (values: Readonly<Record<string, string>>): string =>
  `[${Object.entries(values)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ')}]`;
