// What the site does to Markdown, in one place for its configuration to load.
export { showFigures } from './figures.ts';
export { hoverOverSamples, sampleHovers } from './hovers.ts';
export { tabsForInstalls } from './install-tabs.ts';
export { linkNames, referenceTree } from './linked-names.ts';
export { drawPictures } from './pictures.ts';
