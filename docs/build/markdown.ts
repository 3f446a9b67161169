// What the site does to Markdown, in one place for its configuration to load.
export { drawDiagrams } from './diagrams.ts';
export { hoverOverSamples, sampleHovers } from './hovers.ts';
