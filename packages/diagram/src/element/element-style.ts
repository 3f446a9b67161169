import { styleOf } from '../svg/svg-style.ts';

/** How the element looks. The page's font and ink are its own. */
const frame = `
:host{display:block;color:inherit}
:host([hidden]){display:none}
[part=picture]{overflow-x:auto}
[part=picture] svg{display:block}
[data-event].tl-enabled{cursor:pointer}
[part=status]{margin:.75em 0}
[part=events]{display:flex;flex-wrap:wrap;gap:.5em}
button{font:inherit;color:inherit;background:transparent;border:1px solid currentColor;border-radius:.5em;padding:.35em .8em;min-height:2.2em;overflow-wrap:anywhere;cursor:pointer}
[part~=event]{font-weight:600;border-width:2px}
[part~=blocked]{font-weight:400;border-style:dashed;border-width:1px;cursor:help}
[part=restart]{margin-top:.75em}
button:focus-visible,[part=picture]:focus-visible{outline:2px solid currentColor;outline-offset:2px}
[part=reasons]{margin:.75em 0 0;padding-inline-start:1.25em}
[part=reasons]:empty{display:none}
[part=error]{margin:0;padding:.75em;border:1px solid currentColor;border-inline-start-width:4px}
@media (prefers-reduced-motion:no-preference){.ticket-lifecycle g{transition:color .2s}}
@media print{[part=events],[part=restart]{display:none}}
`;

let sheet: CSSStyleSheet | undefined;

/** The style sheet of all elements. A constructed one: pages may forbid inline styles. */
export function elementSheet(): CSSStyleSheet {
  if (sheet === undefined) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(`${styleOf('auto')}\n${frame}`);
  }
  return sheet;
}
