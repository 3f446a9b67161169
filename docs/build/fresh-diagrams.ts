import { ticketLifecycle } from '@ticket-lifecycle/core';
import { checkMarkdown } from '@ticket-lifecycle/diagram';
import { readFileSync } from 'node:fs';
import { docsDir, handwrittenPages } from './places.ts';

/** A page and what is in it. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** The marked diagrams that are not what the lifecycle says, each with its page and line. */
export function staleDiagramsOf(pages: readonly Page[]): string[] {
  return pages.flatMap(({ path, text }) =>
    checkMarkdown(text, ticketLifecycle)
      .filter(({ isFresh }) => !isFresh)
      .map(({ line }) => `${path}:${line}`),
  );
}

/** The pages of the site that are written by hand. */
export function readPages(): Page[] {
  return handwrittenPages().map((path) => ({
    path: `docs/${path}`,
    text: readFileSync(`${docsDir}${path}`, 'utf8'),
  }));
}
