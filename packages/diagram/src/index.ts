export { type Counts, type TransitionCount } from './counts.ts';
export { DiagramError, type DiagramErrorCode } from './diagram-error.ts';
export { toDot } from './dot.ts';
export { toMermaid } from './mermaid.ts';
export { type DiagramOptions, type MarkdownOptions, type SvgOptions } from './options.ts';
export { toSvg } from './svg.ts';
export { checkMarkdown, type CheckedBlock, refreshMarkdown } from './markdown.ts';
