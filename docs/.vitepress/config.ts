import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import type * as Markdown from '../build/markdown.ts';
import { copyMermaid } from '../build/mermaid-files.ts';
import { docsDir } from '../build/places.ts';
import { renderForSearch, searchOptions } from '../build/search.ts';
import { siteParts } from '../build/site-map.ts';

// Loaded by Node.js itself: whoever bundles this file does not know the source condition.
const markdown: typeof Markdown = await import(
  new URL('../build/markdown.ts', import.meta.url).href
);
const {
  drawPictures,
  hoverOverSamples,
  linkNames,
  referenceTree,
  sampleHovers,
  showFigures,
  siteUrl,
  tabsForInstalls,
  writeTextVersions,
} = markdown;

// The packages are used from source, as everywhere in this repository.
const conditions = ['@ticket-lifecycle/source'];

/** A sidebar for each path that can be imported: three hundred names would bury each other. */
const entryPoints = referenceTree.map(({ text, link }) => ({ text, link }));
const referenceSidebars = Object.fromEntries(
  referenceTree.map(({ text, link, items }) => [
    link,
    [
      { items: [{ text: 'Reference', link: '/api/' }] },
      {
        text: `@ticket-lifecycle/${text}`,
        items: [{ text: 'Introduction', link }, ...(items ?? [])],
      },
      { text: 'Others', items: entryPoints.filter((entry) => entry.text !== text) },
    ],
  ]),
);
const { version } = JSON.parse(
  readFileSync(new URL('../../packages/core/package.json', import.meta.url), 'utf8'),
) as { version: string };
const hasHistory = spawnSync('git', ['log', '-1'], { cwd: docsDir }).status === 0;

export default defineConfig({
  title: 'ticket-lifecycle',
  description:
    'Guards the status changes of support tickets on Series HR, sends the allowed ones inside the limit, and tells you how each one ended.',
  lang: 'en',
  lastUpdated: hasHistory,
  sitemap: { hostname: siteUrl },
  buildEnd: async (site) => {
    await Promise.all([writeTextVersions(site), copyMermaid(site)]);
  },
  srcExclude: ['node_modules/**', 'data/**'],
  head: [
    ['link', { rel: 'icon', href: '/mark.svg', type: 'image/svg+xml' }],
    ['meta', { name: 'theme-color', content: '#0b6e63' }],
    ['meta', { property: 'og:type', content: 'website' }],
    ['meta', { property: 'og:site_name', content: 'ticket-lifecycle' }],
    ['meta', { property: 'og:image', content: new URL('social.png', siteUrl).href }],
    ['meta', { name: 'twitter:card', content: 'summary_large_image' }],
  ],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languages: ['ts', 'js', 'json', 'sh', 'csv', 'vue', 'md'],
    codeTransformers: [sampleHovers],
    config: (md) => {
      hoverOverSamples(md);
      drawPictures(md);
      showFigures(md);
      linkNames(md);
      tabsForInstalls(md);
    },
  },
  vue: { template: { compilerOptions: { isCustomElement: (tag) => tag === 'ticket-lifecycle' } } },
  vite: {
    resolve: { conditions },
    ssr: { resolve: { conditions } },
    // Not one request may leave the site, so nothing is preloaded from elsewhere either.
  },
  themeConfig: {
    logo: '/mark.svg',
    nav: [
      { text: 'Get started', link: '/get-started' },
      { text: 'Guides', link: '/guides/validate', activeMatch: '/guides/' },
      { text: 'Playground', link: '/playground' },
      { text: 'Reference', link: '/api/', activeMatch: '/api/' },
      { text: version, link: '/changelog' },
    ],
    sidebar: {
      ...referenceSidebars,
      '/api/': [{ text: 'Reference', link: '/api/', items: entryPoints }],
      '/': [
        ...siteParts.map(({ text, items }) => ({ text, items: [...items] })),
        { items: [{ text: 'Reference', link: '/api/' }] },
      ],
    },
    outline: { level: [2, 3] },
    // The button beside it is the menu of the site.
    sidebarMenuLabel: 'Pages',
    notFound: { quote: 'This page does not exist. Try the search.' },
    search: {
      provider: 'local',
      options: { _render: renderForSearch, miniSearch: { searchOptions } },
    },
    footer: {
      message:
        'MIT licensed. Not made by, or with, the vendor of Series HR; what is known of its API comes from its public documentation.',
    },
  },
});
