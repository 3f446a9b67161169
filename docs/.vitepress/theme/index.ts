import TwoslashFloatingVue from '@shikijs/vitepress-twoslash/client';
import '@shikijs/vitepress-twoslash/style.css';
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { defineAsyncComponent, nextTick } from 'vue';
import { mendAddress } from './address.ts';
import { mendKeyboard } from './keyboard.ts';
import './style.css';

// Loaded by its own page only: it carries XState, the packages and the sandbox.
const PlaygroundApp = defineAsyncComponent(() => import('../../playground/PlaygroundApp.vue'));

export default {
  extends: DefaultTheme,
  enhanceApp({ app, router }) {
    // A page without a picture to press does not pay for one.
    const play = (): void => {
      if (document.querySelector('ticket-lifecycle') !== null)
        void import('@ticket-lifecycle/diagram/element');
      if (document.querySelector('.language-mermaid') !== null)
        void import('./mermaid.ts').then(({ drawMermaid }) => drawMermaid());
    };
    if (!import.meta.env.SSR) {
      mendAddress();
      router.onAfterRouteChange = () => void nextTick(play);
      document.addEventListener('DOMContentLoaded', play, { once: true });
      if (document.readyState !== 'loading') play();
      mendKeyboard();
    }
    app.use(TwoslashFloatingVue);
    app.component('PlaygroundApp', PlaygroundApp);
  },
} satisfies Theme;
