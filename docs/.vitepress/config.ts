import { existsSync, readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import type * as Markdown from '../build/markdown.ts';
import { docsDir } from '../build/places.ts';

// Loaded by Node.js itself: whoever bundles this file does not know the source condition.
const markdown: typeof Markdown = await import(
  new URL('../build/markdown.ts', import.meta.url).href
);
const { drawPictures, hoverOverSamples, sampleHovers } = markdown;

// The packages are used from source, as everywhere in this repository.
const conditions = ['@ticket-lifecycle/source'];

const guides = [
  { text: 'Validate before you call', link: '/guides/validate' },
  { text: 'Send inside the limit', link: '/guides/limit' },
  { text: 'Know that it arrived', link: '/guides/outcomes' },
  { text: 'Define your own lifecycle', link: '/guides/own-lifecycle' },
  { text: 'Change tickets in bulk', link: '/guides/bulk' },
  { text: 'Command line', link: '/command-line' },
  { text: 'See what others changed', link: '/guides/observe' },
  { text: 'Test with the sandbox', link: '/guides/sandbox' },
  { text: 'Use XState actors', link: '/guides/xstate' },
  { text: 'Diagrams in your docs', link: '/guides/diagrams' },
  { text: 'Migrate a definition', link: '/guides/migrate' },
  { text: 'Run a fleet', link: '/guides/fleet' },
  { text: 'Recipes', link: '/recipes/' },
  { text: 'Security', link: '/guides/security' },
];

const background = [
  { text: 'The Series ticket API', link: '/series-api' },
  { text: 'What the limit really takes', link: '/rate-limit' },
  { text: 'Compared with others', link: '/comparison' },
  { text: 'Clients on a bad day', link: '/conformance' },
  { text: 'Changelog', link: '/changelog' },
];

const contributing = [
  { text: 'Where to start', link: '/contributing/' },
  { text: 'Architecture', link: '/contributing/architecture' },
  { text: 'Glossary', link: '/contributing/glossary' },
  { text: 'How to add …', link: '/contributing/how-to-add' },
  { text: 'All codes', link: '/contributing/codes' },
  { text: 'Decisions', link: '/contributing/decisions/' },
];

const reference = `${docsDir}api/typedoc-sidebar.json`;

export default defineConfig({
  title: 'ticket-lifecycle',
  description:
    'Guards the status changes of support tickets on Series HR, sends the allowed ones inside the limit, and tells how each one ended.',
  lang: 'en',
  srcExclude: ['node_modules/**', 'data/**'],
  head: [
    ['link', { rel: 'icon', href: '/mark.svg', type: 'image/svg+xml' }],
    ['meta', { name: 'theme-color', content: '#0b6e63' }],
  ],
  markdown: {
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    languages: ['ts', 'js', 'json', 'sh', 'csv', 'vue', 'md'],
    codeTransformers: [sampleHovers],
    config: (md) => {
      hoverOverSamples(md);
      drawPictures(md);
    },
  },
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
      { text: 'API', link: '/api/', activeMatch: '/api/' },
    ],
    sidebar: [
      {
        items: [
          { text: 'Get started', link: '/get-started' },
          { text: 'Playground', link: '/playground' },
        ],
      },
      { text: 'Guides', items: guides },
      { text: 'Background', items: background },
      { text: 'For contributors', items: contributing },
      {
        text: 'API reference',
        items: existsSync(reference) ? JSON.parse(readFileSync(reference, 'utf8')) : [],
      },
    ],
    outline: { level: [2, 3] },
    notFound: { quote: 'This page does not exist. Try the search.' },
    search: {
      provider: 'local',
      options: {
        // The index takes words, so samples are not looked into a second time for it.
        _render: (source, env, md) => md.renderAsync(source, { ...env, isForSearch: true }),
      },
    },
    footer: {
      message:
        'MIT licensed. Not made by, or with, the vendor of Series HR; what is known of its API comes from its public documentation.',
    },
  },
});
