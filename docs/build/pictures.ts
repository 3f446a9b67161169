import { ticketLifecycle, type Lifecycle } from '@ticket-lifecycle/core';
import { toSvg } from '@ticket-lifecycle/diagram';
import type { MarkdownRenderer } from 'vitepress';
import incidents from '../data/incidents.json' with { type: 'json' };
import { plots } from './plots.ts';
import { lifecycleOfSample } from './sample-lifecycle.ts';

const own: Lifecycle = await lifecycleOfSample('guides/own-lifecycle.md');
const agent = { role: 'agent', answered: false };

/** The diagrams of the pages, drawn anew at every build: none of them can be stale. */
const diagrams: Readonly<Record<string, string>> = {
  default:
    `<div class="wide">${await toSvg(ticketLifecycle, { idPrefix: 'default' })}</div>` +
    `<div class="narrow">${await toSvg(ticketLifecycle, { direction: 'down', idPrefix: 'phone' })}</div>`,
  'at-resolved': await toSvg(ticketLifecycle, {
    at: 'resolved',
    direction: 'down',
    idPrefix: 'at',
  }),
  own: await toSvg(own, { direction: 'down', idPrefix: 'own' }),
  'own-blocked': await toSvg(own, {
    at: 'in-progress',
    context: agent,
    direction: 'down',
    idPrefix: 'blocked',
  }),
  incidents: await toSvg(ticketLifecycle, {
    counts: incidents.changes,
    direction: 'down',
    idPrefix: 'incidents',
    title: '890 incidents of a service desk',
  }),
};

/**
 * Puts a picture where a page has a block of the kind `diagram NAME` or `plot NAME`. The block's
 * text is the caption.
 */
export function drawPictures(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { info = '', content = '' } = tokens[index] ?? {};
    const { kind, name } = /^(?<kind>diagram|plot) (?<name>\S+)$/.exec(info.trim())?.groups ?? {};
    if (kind === undefined || name === undefined) {
      return fence?.(tokens, index, options, env, self) ?? '';
    }
    const svg = { diagram: diagrams, plot: plots }[kind]?.[name];
    if (svg === undefined) throw new Error(`There is no ${kind} "${name}".`);
    if (svg === '') return '';
    const caption = md.utils.escapeHtml(content.trim());
    return `<figure v-pre><div class="picture" tabindex="0" role="group" aria-label="${kind}">${svg}</div><figcaption>${caption}</figcaption></figure>`;
  };
}
