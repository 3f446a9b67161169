import TwoslashFloatingVue from '@shikijs/vitepress-twoslash/client';
import '@shikijs/vitepress-twoslash/style.css';
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { defineAsyncComponent } from 'vue';
import './style.css';

// Loaded by its own page only: it carries XState, the packages and the sandbox.
const PlaygroundApp = defineAsyncComponent(() => import('../../playground/PlaygroundApp.vue'));

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.use(TwoslashFloatingVue);
    app.component('PlaygroundApp', PlaygroundApp);
  },
} satisfies Theme;
