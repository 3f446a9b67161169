import { ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { toSvg, type SvgOptions } from '@ticket-lifecycle/diagram';
import type { MarkdownRenderer } from 'vitepress';
import incidents from '../data/incidents.json' with { type: 'json' };
import { plots } from './plots.ts';
import { lifecycleOfSample } from './sample-lifecycle.ts';

const own: Lifecycle = await lifecycleOfSample('guides/own-lifecycle.md');
const agent = { role: 'agent', answered: false };

// What a page leaves for a picture beside its outline at 1280 px, and on a phone.
const widths = { wide: 620, narrow: 390 };

/** Draws for both widths; the style sheet shows the one that fits. */
async function draw(name: string, lifecycle: Lifecycle, options: SvgOptions = {}): Promise<string> {
  const drawn = Object.entries(widths).map(async ([form, width]) => {
    const svg = await toSvg(lifecycle, { ...options, width, idPrefix: `${name}-${form}` });
    return `<div class="${form}">${svg}</div>`;
  });
  return (await Promise.all(drawn)).join('');
}

/** The diagrams of the pages, drawn anew at every build: none of them can be stale. */
const diagrams: Readonly<Record<string, string>> = {
  default: await draw('default', ticketLifecycle),
  'at-resolved': await draw('at', ticketLifecycle, { at: 'resolved', direction: 'down' }),
  own: await draw('own', own),
  'own-blocked': await draw('blocked', own, { at: 'in-progress', context: agent }),
  incidents: await draw('incidents', ticketLifecycle, {
    counts: incidents.changes,
    title: '890 incidents of a service desk',
  }),
};

/** A drawing whose events can be pressed: `<ticket-lifecycle>` plays it, where there is script. */
const live: Readonly<Record<string, string>> = {
  'at-resolved': (
    await draw('live', ticketLifecycle, { at: 'resolved', direction: 'down', playable: true })
  ).replaceAll(/(<svg.*?<\/svg>)/gs, '<ticket-lifecycle at="resolved">$1</ticket-lifecycle>'),
};

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
    if (svg === '') return '';
    const caption = md.utils.escapeHtml(`${content.trim()} ${plot?.note ?? ''}`.trim());
    // What can be pressed has places of its own for the keyboard.
    const place = kind === 'live-diagram' ? '' : ` tabindex="0" role="group" aria-label="${kind}"`;
    return `<figure v-pre><div class="picture"${place}>${svg}</div><figcaption>${caption}</figcaption></figure>`;
  };
}
