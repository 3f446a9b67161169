export { DiagramError, type DiagramErrorCode } from './errors.ts';
export { toDot } from './dot/dot.ts';
export { refreshDrawing, type DrawingFileOptions } from './files/refresh-drawing.ts';
export { toMermaid } from './mermaid/mermaid.ts';
export {
  type Counts,
  type DiagramOptions,
  type MarkdownOptions,
  type SvgOptions,
  type TransitionCount,
} from './options.ts';
export { type DiagramWords, englishWords, type GivenWords } from './words.ts';
export { toSvg } from './svg/svg.ts';
export { unusedMarkers, type UnusedMarker } from './markdown/marked-blocks.ts';
export { checkMarkdown, type CheckedBlock, refreshMarkdown } from './markdown/markdown.ts';
