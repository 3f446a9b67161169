import { ref, watch, type Ref, type WatchSource } from 'vue';

/**
 * For a region that is read out: `polite` where its own fields changed it, `off` where something else
 * did, which is read out itself.
 */
export function spokenFor(
  own: readonly WatchSource[],
  others: readonly WatchSource[],
): Ref<'polite' | 'off'> {
  const live = ref<'polite' | 'off'>('polite');
  watch([...others, ...own], (now, before) => {
    const isOwn = now.slice(0, others.length).every((value, index) => value === before[index]);
    live.value = isOwn ? 'polite' : 'off';
  });
  return live;
}
