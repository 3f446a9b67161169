import { numeral, withFields, type Picture, type PictureEdge } from './picture.ts';
import { oneLine } from '../text.ts';

/** Says in sentences what the picture shows, for people who hear it. */
export function describe(picture: Picture): string {
  const { initial, states, edges, groups } = picture;
  const labels = new Map(states.map(({ name, label }) => [name, label]));
  const called = (name: string) => labels.get(name) ?? name;
  const current = states.find(({ mark }) => mark === 'current');
  const previous = states.find(({ mark }) => mark === 'previous');
  const sentences = [
    `A ticket starts in ${called(initial)}.`,
    ...states.map(({ name, label }) => {
      const texts = edges.filter(({ from }) => from === name).map((edge) => edgeText(edge));
      return texts.length === 0 ? `${label} is an end.` : `From ${label}: ${texts.join('; ')}.`;
    }),
    ...states.flatMap(({ label, times }) =>
      times.length === 0 ? [] : [`Time in ${label}: ${times.join('; ')}.`],
    ),
    ...groups.map(
      (group) => `The status ${group.status} stands for ${group.states.map(called).join(', ')}.`,
    ),
    ...(previous === undefined ? [] : [`The ticket was in ${previous.label} before.`]),
    ...(current === undefined ? [] : [`The ticket is in ${current.label} now.`]),
    ...picture.seen.map(
      ({ from, to, count, notes }) =>
        `Seen as well: ${namesOf(from)} to ${namesOf(to)}, ${timesOf(count)} (${notes.join(', ')}).`,
    ),
    ...(picture.unknown === 0
      ? []
      : [`Not drawn: ${numeral(picture.unknown)} changes from or to an unknown status.`]),
  ];
  return oneLine(sentences.join(' '));

  function edgeText({ event, to, guards, standing, count }: PictureEdge): string {
    const seen = count === undefined ? '' : `, seen ${timesOf(count)}`;
    const condition = guards.length === 0 ? '' : ` (${guards.join(' ')})`;
    const needs =
      standing.kind === 'enabled' && standing.needs !== undefined
        ? ` ${withFields(standing.needs)}`
        : '';
    const state = standing.kind === 'enabled' ? `, enabled${needs}` : condition;
    const reasons =
      standing.kind === 'blocked' ? `, blocked: ${withoutStop(standing.reasons.join(' '))}` : state;
    return `${event} to ${called(to)}${seen}${reasons}`;
  }

  function namesOf(names: readonly string[]): string {
    return names.map(called).join(' or ');
  }
}

// The sentence around it has its own full stop.
const withoutStop = (text: string): string => text.replace(/[.\s]+$/, '');

const timesOf = (count: number): string => (count === 1 ? 'once' : `${numeral(count)} times`);
