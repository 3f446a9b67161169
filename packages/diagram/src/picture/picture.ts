import { ticketStatuses, type Lifecycle, type TicketStatus } from '@ticket-lifecycle/core';
import { tallyOf, type SeenChange } from './counts.ts';
import { reasonNote } from '../label-width.ts';
import type { DiagramOptions } from '../options.ts';
import { fill } from '../fill-in.ts';
import { fieldsText, numeral, wordsOf, type DiagramWords } from '../words.ts';
import { standingsOf, type Standing } from './edge-standing.ts';
import { timesIn } from './times.ts';

/** A lifecycle with its overlays as plain data: what all three formats draw. */
export interface Picture {
  readonly title: string | undefined;
  readonly direction: 'right' | 'down';
  readonly initial: string;
  /** In order of definition, as are the edges. */
  readonly states: readonly PictureState[];
  /** The statuses that several states share. */
  readonly groups: readonly { readonly status: TicketStatus; readonly states: readonly string[] }[];
  readonly edges: readonly PictureEdge[];
  /** Changes that were seen and are not an edge. */
  readonly seen: readonly PictureSeen[];
  /** Changes that were seen from or to no status at all. */
  readonly unknown: number;
  /** The language that it is drawn in. */
  readonly words: DiagramWords;
}

export interface PictureState {
  readonly name: string;
  /** What people call it: `meta.label`, or else its name. */
  readonly label: string;
  readonly description: string | undefined;
  readonly status: TicketStatus;
  /** Whether the status has to be said: it is neither the name nor that of a group. */
  readonly showsStatus: boolean;
  readonly isFinal: boolean;
  /** What time does there, in words. */
  readonly times: readonly string[];
  readonly mark: 'current' | 'previous' | undefined;
}

/** A text on an arrow: what happens, and below it its conditions or reasons. */
export interface Caption {
  readonly head: string;
  readonly notes: readonly string[];
}

export interface PictureEdge extends Caption {
  readonly from: string;
  readonly to: string;
  readonly event: string;
  readonly standing: Standing;
  /** Leads back to an earlier status. */
  readonly isReopening: boolean;
  readonly guards: readonly string[];
  /** How often it was seen, where that was asked for. */
  readonly count: number | undefined;
  /** That count as a share of the largest. */
  readonly share: number | undefined;
}

export interface PictureSeen extends SeenChange, Caption {
  readonly share: number;
}

/** Puts together what there is to draw. */
export function pictureOf(owner: string, lifecycle: Lifecycle, options: DiagramOptions): Picture {
  const {
    title,
    direction = 'right',
    at,
    previous,
    context,
    counts,
    group = true,
    messages = {},
  } = options;
  const words = wordsOf(options.words);
  const tally = counts === undefined ? undefined : tallyOf(owner, lifecycle, counts);
  const sizes = [...(tally?.edges ?? []), ...(tally?.others ?? []).map((change) => change.count)];
  const largest = sizes.reduce<number>((most, size) => Math.max(most, size ?? 0), 1);
  const groups = group ? groupsOf(lifecycle) : [];
  const grouped = new Set(groups.flatMap(({ states }) => states));
  const standings = standingsOf(lifecycle, at, context, messages, words);

  return {
    title,
    direction,
    initial: lifecycle.initial,
    states: lifecycle.states.map((name) => stateOf(name)),
    groups,
    edges: lifecycle.edges.map((edge, index) => {
      const standing = standings[index] ?? { kind: 'elsewhere' };
      const count = tally?.edges[index];
      const guards = guardTexts(edge.guards, options);
      return {
        ...edge,
        guards,
        standing,
        isReopening: rankOf(edge.to) < rankOf(edge.from),
        count,
        share: count === undefined ? undefined : count / largest,
        ...captionOf(edge.event, count, guards, standing, words),
      };
    }),
    seen: (tally?.others ?? []).map((change) => ({
      ...change,
      share: change.count / largest,
      head: numeral(change.count, words),
      notes: [seenText(change, words)],
    })),
    unknown: tally?.unknown ?? 0,
    words,
  };

  function stateOf(name: string): PictureState {
    const { description, type } = lifecycle.machine.root.states[name] ?? {};
    const label = labelOf(name);
    const status = statusOf(name);
    const previousMark = name === previous ? 'previous' : undefined;
    return {
      name,
      label,
      description: typeof description === 'string' ? description : undefined,
      status,
      showsStatus: name !== status && !grouped.has(name),
      isFinal: type === 'final',
      times: options.times === false ? [] : timesIn(lifecycle, name, labelOf, words),
      mark: name === at ? 'current' : previousMark,
    };
  }

  function labelOf(name: string): string {
    const { label } = lifecycle.metaOf(name);
    return typeof label === 'string' && label.trim() !== '' ? label : name;
  }

  function statusOf(name: string): TicketStatus {
    const status = lifecycle.statusOf(name);
    if (status === undefined) throw new TypeError('The lifecycle has a state without a status.');
    return status;
  }

  function rankOf(name: string): number {
    return ticketStatuses.indexOf(statusOf(name));
  }
}

function groupsOf(lifecycle: Lifecycle): Picture['groups'] {
  return ticketStatuses
    .map((status) => ({ status, states: lifecycle.statesWith(status) }))
    .filter((group) => group.states.length > 1);
}

function guardTexts(
  guards: readonly { readonly name: string; readonly label: string }[],
  { guards: mode = 'names', guardLabels = {} }: DiagramOptions,
): string[] {
  if (mode === 'none') return [];
  // A label for a guard with its params comes before one for its name alone.
  const given = (key: string) => (Object.hasOwn(guardLabels, key) ? guardLabels[key] : undefined);
  const texts = guards.map(({ name, label }) => `[${given(label) ?? given(name) ?? label}]`);
  return [...new Set(texts)];
}

/**
 * Edges of one pair of states that look the same share an arrow, with a caption for each. One with
 * notes has its own, so that nobody reads them for those of another.
 */
export function bundlesOf(edges: readonly PictureEdge[]): PictureEdge[][] {
  const lookOf = ({ notes, standing, share }: PictureEdge, index: number) =>
    notes.length === 0 ? [standing.kind, share] : [index];
  const keyOf = (edge: PictureEdge, index: number) =>
    JSON.stringify([edge.from, edge.to, ...lookOf(edge, index)]);
  return [...Map.groupBy(edges, keyOf).values()];
}

function captionOf(
  event: string,
  count: number | undefined,
  guards: readonly string[],
  standing: Standing,
  words: DiagramWords,
): Caption {
  const head = count === undefined ? event : `${event} · ${numeral(count, words)}`;
  if (standing.kind === 'blocked') {
    return { head, notes: standing.reasons.map(reasonNote) };
  }
  // Colour alone says nothing to many people, and Mermaid has none for edges.
  if (standing.kind === 'elsewhere') return { head, notes: guards };
  const { needs } = standing;
  return {
    head: `✓ ${head}`,
    notes: [...guards, ...(needs === undefined ? [] : [fieldsText(needs, words)])],
  };
}

function seenText({ kind, events }: SeenChange, words: DiagramWords): string {
  if (kind === 'jump') return words.jump;
  return kind === 'path'
    ? fill(words.atOnce, { events: events.join(words.betweenNames) })
    : events.join(words.or);
}
