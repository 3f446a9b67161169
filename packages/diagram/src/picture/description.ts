import type { Picture, PictureEdge } from './picture.ts';
import { fill } from '../fill-in.ts';
import { oneLine } from '../text.ts';
import { fieldsText, numeral } from '../words.ts';

/** Says in sentences what the picture shows, for people who hear it. */
export function describe(picture: Picture): string {
  const { initial, states, edges, groups, words } = picture;
  const labels = new Map(states.map(({ name, label }) => [name, label]));
  const called = (name: string) => labels.get(name) ?? name;
  const current = states.find(({ mark }) => mark === 'current');
  const previous = states.find(({ mark }) => mark === 'previous');
  const sentences = [
    fill(words.starts, { state: called(initial) }),
    ...states.map(({ name, label }) => {
      const texts = edges.filter(({ from }) => from === name).map((edge) => edgeText(edge));
      return texts.length === 0
        ? fill(words.end, { state: label })
        : fill(words.edges, { state: label, edges: texts.join(words.betweenEdges) });
    }),
    ...states.flatMap(({ label, times }) =>
      times.length === 0
        ? []
        : [fill(words.timesIn, { state: label, times: times.join(words.betweenEdges) })],
    ),
    ...groups.map((group) =>
      fill(words.status, {
        status: group.status,
        states: group.states.map(called).join(words.betweenNames),
      }),
    ),
    ...(previous === undefined ? [] : [fill(words.before, { state: previous.label })]),
    ...(current === undefined ? [] : [fill(words.now, { state: current.label })]),
    ...picture.seen.map(({ from, to, count, notes }) =>
      fill(words.seen, {
        from: namesOf(from),
        to: namesOf(to),
        times: timesOf(count),
        notes: notes.join(words.betweenNames),
      }),
    ),
    ...(picture.unknown === 0
      ? []
      : [fill(words.notDrawn, { number: numeral(picture.unknown, words) })]),
  ];
  return oneLine(sentences.join(' '));

  function edgeText({ event, to, guards, standing, count }: PictureEdge): string {
    const plain = fill(words.edge, { event, state: called(to) });
    const edge =
      count === undefined ? plain : fill(words.edgeSeen, { edge: plain, times: timesOf(count) });
    if (standing.kind === 'blocked') {
      const reasons = withoutStop(standing.reasons.join(' '));
      return fill(words.edgeBlocked, { edge, reasons });
    }
    if (standing.kind === 'enabled') {
      const { needs } = standing;
      return needs === undefined
        ? fill(words.edgeEnabled, { edge })
        : fill(words.edgeEnabledWith, { edge, fields: fieldsText(needs, words) });
    }
    return guards.length === 0 ? edge : fill(words.edgeOn, { edge, conditions: guards.join(' ') });
  }

  function namesOf(names: readonly string[]): string {
    return names.map(called).join(words.or);
  }

  function timesOf(count: number): string {
    return count === 1 ? words.once : fill(words.times, { number: numeral(count, words) });
  }
}

// The sentence around it has its own full stop.
const withoutStop = (text: string): string => text.replace(/[.\s]+$/, '');
