import { ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { toMermaid, toSvg, type SvgOptions } from '@ticket-lifecycle/diagram';
import type { MarkdownRenderer } from 'vitepress';
import incidents from '../data/incidents.json' with { type: 'json' };
import { plots } from './plots.ts';
import { lifecycleOfSample } from './sample-lifecycle.ts';

const own: Lifecycle = await lifecycleOfSample('guides/own-lifecycle.md');
const agent = { role: 'agent', answered: false };

// What a page leaves for a picture beside its outline at 1280 px, and on a phone.
const widths = { wide: 620, narrow: 390 };

interface Picture {
  readonly lifecycle: Lifecycle;
  readonly options?: SvgOptions;
}

/** The diagrams of the pages, drawn anew at every build: none of them can be stale. */
const pictures: Readonly<Record<string, Picture>> = {
  default: { lifecycle: ticketLifecycle },
  'at-resolved': { lifecycle: ticketLifecycle, options: { at: 'resolved', direction: 'down' } },
  own: { lifecycle: own },
  'own-blocked': { lifecycle: own, options: { at: 'in-progress', context: agent } },
  incidents: {
    lifecycle: ticketLifecycle,
    options: { counts: incidents.changes, title: '890 incidents of a service desk' },
  },
};

/** Draws for both widths; the style sheet shows the one that fits. */
async function draw(
  id: string,
  { lifecycle, options }: Picture,
  more?: SvgOptions,
): Promise<string> {
  const drawn = Object.entries(widths).map(async ([form, width]) => {
    const idPrefix = `${id}-${form}`;
    const svg = await toSvg(lifecycle, { ...options, ...more, width, idPrefix });
    return `<div class="${form}">${svg}</div>`;
  });
  return (await Promise.all(drawn)).join('');
}

const diagrams = Object.fromEntries(
  await Promise.all(
    Object.entries(pictures).map(
      async ([name, picture]) => [name, await draw(name, picture)] as const,
    ),
  ),
);

/** A drawing whose events can be pressed: `<ticket-lifecycle>` plays it, where there is script. */
async function drawLive(name: string, { at }: { readonly at: string }): Promise<string> {
  const picture = pictures[name];
  if (picture === undefined) throw new Error(`There is no diagram "${name}".`);
  const drawn = await draw('live', picture, { playable: true });
  return drawn.replaceAll(
    /(<svg.*?<\/svg>)/gs,
    `<ticket-lifecycle at="${at}">$1</ticket-lifecycle>`,
  );
}

const live: Readonly<Record<string, string>> = {
  'at-resolved': await drawLive('at-resolved', { at: 'resolved' }),
};

/** A diagram of the pages as a block of Mermaid; `undefined` for a name that none has. */
export function diagramText(name: string): string | undefined {
  const { lifecycle, options: { at, context, counts, title } = {} } = pictures[name] ?? {};
  if (lifecycle === undefined) return undefined;
  return `\`\`\`mermaid\n${toMermaid(lifecycle, { at, context, counts, title }).trim()}\n\`\`\``;
}

/**
 * Puts a picture where a page has a block of the kind `diagram NAME`, `live-diagram NAME` or
 * `plot NAME`. The block's
 * text is the caption.
 */
export function drawPictures(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info = '', content = '' } = tokens[index] ?? {};
    const { kind, name } =
      /^(?<kind>diagram|live-diagram|plot) (?<name>\S+)$/.exec(info.trim())?.groups ?? {};
    if (kind === undefined || name === undefined) {
      return fence?.(tokens, index, options, env, self) ?? '';
    }
    const plot = kind === 'plot' ? plots[name] : undefined;
    const svg = kind === 'plot' ? plot?.svg : (kind === 'diagram' ? diagrams : live)[name];
    if (svg === undefined) throw new Error(`There is no ${kind} "${name}".`);
    const caption = md.utils.escapeHtml(`${content.trim()} ${plot?.note ?? ''}`.trim());
    // What can be pressed has places of its own for the keyboard.
    const place = kind === 'live-diagram' ? '' : ` tabindex="0" role="group" aria-label="${kind}"`;
    return `<figure v-pre><div class="picture"${place}>${svg}</div><figcaption>${caption}</figcaption></figure>`;
  };
}
