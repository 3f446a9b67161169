// What the site makes of Markdown, in one place for its configuration to load.
export { showFigures } from './figures.ts';
export { hoverOverSamples, sampleHovers } from './hovers.ts';
export { tabsForInstalls } from './install-tabs.ts';
export { linkNames, referenceTree } from './linked-names.ts';
export { drawPictures } from './pictures.ts';
export { siteUrl, writeTextVersions } from './text-versions.ts';
