import type { Mermaid } from 'mermaid';

const schemes = { light: 'neutral', dark: 'dark' } as const;

/** Draws each Mermaid block of the page above its text, as GitHub would show it. */
export async function drawMermaid(): Promise<void> {
  const blocks = [
    ...document.querySelectorAll<HTMLElement>('main div.language-mermaid:not(.is-drawn)'),
  ];
  if (blocks.length === 0) return;
  for (const block of blocks) block.classList.add('is-drawn');
  const address = `${import.meta.env.BASE_URL}mermaid/mermaid.esm.min.mjs`;
  const { default: mermaid } = (await import(/* @vite-ignore */ address)) as { default: Mermaid };
  for (const [number, block] of blocks.entries()) {
    const text = block.querySelector('code')?.textContent ?? '';
    const figure = document.createElement('figure');
    figure.className = 'mermaid-drawn';
    for (const [scheme, theme] of Object.entries(schemes)) {
      mermaid.initialize({
        startOnLoad: false,
        theme,
        htmlLabels: false,
        fontFamily: 'inherit',
      });
      const { svg } = await mermaid.render(`mermaid-${number}-${scheme}`, text);
      const picture = document.createElement('div');
      picture.className = `picture ${scheme}`;
      picture.innerHTML = svg;
      figure.append(picture);
    }
    block.before(figure);
  }
}
