import { JSDOM } from 'jsdom';
import { readVerdictTable } from '../../src/picture/verdict-table.ts';

const { DOMParser } = new JSDOM('').window;

/** The verdicts in an SVG, as a page reads them. */
export function tableIn(svg: string) {
  const text = new DOMParser()
    .parseFromString(svg, 'image/svg+xml')
    .documentElement.querySelector('metadata')?.textContent;
  return readVerdictTable(text ?? '');
}
