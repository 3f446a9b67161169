/** The page that a picture stands on: known, or found out by the style sheet. */
export type Scheme = 'auto' | 'light' | 'dark';

/** Ink and paper, and the colours of the overlays: each has a contrast of 4.5 at least. */
export const schemes = {
  light: {
    ink: '#1f2328',
    paper: '#ffffff',
    current: '#1d4ed8',
    enabled: '#15713b',
    blocked: '#b3261e',
  },
  dark: {
    ink: '#e6edf3',
    paper: '#0d1117',
    current: '#7aa7ff',
    enabled: '#5fd08b',
    blocked: '#ff8f87',
  },
} as const;

const { light, dark } = schemes;
const marks = ['current', 'enabled', 'blocked'] as const;

/** Lets a page set the colours of the overlays. */
const overlays = (colorOf: (mark: (typeof marks)[number]) => string): string =>
  marks.map((mark) => `--tl-${mark}:var(--lifecycle-${mark},${colorOf(mark)})`).join(';');

// Inside a page the ink is that of the text around it, and so the overlays are mixed with it: they
// are dark on a light page and light on a dark one, whatever the reader's system says. As a file of
// its own (svg:root) the drawing follows that system, on a paper of its own, because nobody knows
// the page that shows it.
const auto = `svg.ticket-lifecycle{${overlays((mark) => light[mark])}}
@supports (color:color-mix(in srgb,red,red)){svg.ticket-lifecycle{${overlays((mark) => `color-mix(in srgb,currentColor 40%,${light[mark]})`)}}}
svg.ticket-lifecycle:root{color:${light.ink}}
svg.ticket-lifecycle:root .tl-page{fill:${light.paper}}
@media (prefers-color-scheme:dark){svg.ticket-lifecycle:root{color:${dark.ink}}svg.ticket-lifecycle:root .tl-page{fill:${dark.paper}}}
@media print{svg.ticket-lifecycle:root{color:${light.ink}}svg.ticket-lifecycle:root .tl-page{fill:none}}`;

const colorsOf = (scheme: Scheme): string =>
  scheme === 'auto'
    ? auto
    : `svg.ticket-lifecycle{color:${schemes[scheme].ink};${overlays((mark) => schemes[scheme][mark])}}`;

const rules = `
svg.ticket-lifecycle{font-family:var(--lifecycle-font,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif)}
.ticket-lifecycle text{unicode-bidi:plaintext;stroke:none}
.ticket-lifecycle .tl-title{font-weight:600}
.ticket-lifecycle .tl-name{font-weight:600}
.ticket-lifecycle .tl-event{font-weight:500}
.ticket-lifecycle .tl-heading,.ticket-lifecycle .tl-note{opacity:.8}
.ticket-lifecycle .tl-group path{stroke-opacity:.6}
.ticket-lifecycle .tl-state rect{stroke-width:1.5;fill:currentColor;fill-opacity:.05}
.ticket-lifecycle .tl-current{color:var(--tl-current)}
.ticket-lifecycle .tl-current rect{stroke-width:3;fill-opacity:.14}
.ticket-lifecycle .tl-previous rect{stroke:var(--tl-current);stroke-dasharray:5 4}
.ticket-lifecycle .tl-enabled{color:var(--tl-enabled)}
.ticket-lifecycle .tl-blocked{color:var(--tl-blocked)}
.ticket-lifecycle .tl-blocked path{stroke-dasharray:1.5 4;stroke-linecap:round}
.ticket-lifecycle .tl-path path,.ticket-lifecycle .tl-jump path{stroke-dasharray:7 5}
.ticket-lifecycle .tl-jump{color:var(--tl-blocked)}
.ticket-lifecycle .tl-reopening:not(.tl-enabled,.tl-blocked) :is(path,polygon){opacity:.7}
.ticket-lifecycle .tl-never:not(.tl-enabled,.tl-blocked) :is(path,polygon){opacity:.6}
`;

// A sample of the legend looks like what it explains, and is not taken for it.
const marked = /\.tl-(state|current|previous|enabled|blocked|path|jump|never)\b/g;
const withSamples = rules.trim().replaceAll(marked, ':is(.tl-$1,.tl-key-$1)');

/** The style sheet of an SVG. All of it applies inside a diagram only. */
export const styleOf = (scheme: Scheme): string => `${colorsOf(scheme)}\n${withSamples}`;

/**
 * The same for programs that know the first rules of CSS only: selectors of classes, no variables,
 * no `:is()` and no `:not()`.
 */
export function plainStyleOf(scheme: 'light' | 'dark'): string {
  const plain = rules
    .trim()
    .split('\n')
    .filter((rule) => !rule.includes('var(--lifecycle-font'))
    .map((rule) =>
      rule
        .replaceAll(/var\(--tl-(\w+)\)/g, (whole, mark: string) =>
          mark in schemes[scheme]
            ? schemes[scheme][mark as keyof (typeof schemes)['light']]
            : whole,
        )
        .replaceAll(/:not\([^)]*\)/g, '')
        .replace(/^(?<before>.*):is\((?<one>\w+),(?<other>\w+)\)(?<body>\{.*)$/, '$1$2,$1$3$4'),
    );
  const samples = plain
    .filter((rule) => rule.search(marked) !== -1)
    .map((rule) => rule.replaceAll(marked, '.tl-key-$1').replaceAll('.ticket-lifecycle ', ''));
  const strong = ['enabled', 'blocked'].flatMap((mark) =>
    ['path', 'polygon'].map((part) => `.ticket-lifecycle .tl-${mark} ${part}`),
  );
  return [
    `svg{color:${schemes[scheme].ink}}`,
    ...plain,
    ...samples,
    `${strong.join(',')}{opacity:1}`,
  ].join('\n');
}
