// Inside a page the ink is that of the text around. As a file of its own (svg:root) the drawing
// follows the reader's scheme. Without light-dark() the first set of colours serves both.
const rules = `
svg.ticket-lifecycle{--tl-current:var(--lifecycle-current,#2f6fed);--tl-enabled:var(--lifecycle-enabled,#1f8f4d);--tl-blocked:var(--lifecycle-blocked,#d1433f);font-family:var(--lifecycle-font,ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif)}
@supports (color:light-dark(red,red)){svg.ticket-lifecycle{--tl-current:var(--lifecycle-current,light-dark(#1d4ed8,#7aa7ff));--tl-enabled:var(--lifecycle-enabled,light-dark(#15713b,#5fd08b));--tl-blocked:var(--lifecycle-blocked,light-dark(#b3261e,#ff8f87))}
svg.ticket-lifecycle:root{color-scheme:light dark;color:light-dark(#1f2328,#e6edf3)}}
.ticket-lifecycle text{unicode-bidi:plaintext;stroke:none}
.ticket-lifecycle .tl-title{font-weight:600}
.ticket-lifecycle .tl-name{font-weight:600}
.ticket-lifecycle .tl-event{font-weight:500}
.ticket-lifecycle .tl-heading,.ticket-lifecycle .tl-note{opacity:.8}
.ticket-lifecycle .tl-group rect{stroke-opacity:.5}
.ticket-lifecycle .tl-state rect{stroke-width:1.5;fill:currentColor;fill-opacity:.05}
.ticket-lifecycle .tl-current{color:var(--tl-current)}
.ticket-lifecycle .tl-current rect{stroke-width:3;fill-opacity:.14}
.ticket-lifecycle .tl-previous rect{stroke:var(--tl-current);stroke-dasharray:5 4}
.ticket-lifecycle .tl-enabled{color:var(--tl-enabled)}
.ticket-lifecycle .tl-blocked{color:var(--tl-blocked)}
.ticket-lifecycle .tl-blocked path{stroke-dasharray:1.5 4;stroke-linecap:round}
.ticket-lifecycle .tl-path path,.ticket-lifecycle .tl-jump path{stroke-dasharray:7 5}
.ticket-lifecycle .tl-jump{color:var(--tl-blocked)}
.ticket-lifecycle .tl-reopening path,.ticket-lifecycle .tl-reopening polygon{opacity:.6}
.ticket-lifecycle .tl-never path,.ticket-lifecycle .tl-never polygon{opacity:.35}
`;

/** The style sheet of an SVG. All of it applies inside a diagram only. */
export const style: string = rules.trim();
