// What the site does to Markdown, in one place for its configuration to load.
export { hoverOverSamples, sampleHovers } from './hovers.ts';
export { drawPictures } from './pictures.ts';
