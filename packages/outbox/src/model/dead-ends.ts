import { statedFrom, type Change } from './change.ts';

/** What helps a dead change. */
export interface WaysOut {
  /** What must be different before it is redriven: else it ends the same way. */
  readonly redriveOnce: string;
  /** How to accept it anew, where it can hardly succeed as it is stored. */
  readonly acceptAnew?: string | undefined;
}

const asStored = 'A stored change keeps its event, "from", "whileIn" and context.';
const another = (what: string) =>
  `Only once the workers run a lifecycle ${what}: until then it ends the same way. ${asStored}`;

const anew: Readonly<Record<string, WaysOut>> = {
  'unknown-state': {
    redriveOnce: another('that has this state'),
    acceptAnew: 'Accept it anew, with a state that the lifecycle has.',
  },
  'unknown-event': {
    redriveOnce: another('that has this event'),
    acceptAnew: 'Accept it anew, with an event that the lifecycle has.',
  },
  payload: {
    redriveOnce: another('that takes this payload'),
    acceptAnew: 'Accept it anew, with a payload that fits.',
  },
  guard: {
    redriveOnce:
      'Only once the guard lets it through: under another lifecycle, or if the guard looks at more than the stored context. Until then it ends the same way.',
    acceptAnew: 'Accept it anew, with a context that the guard lets through.',
  },
};
const noWayFrom: WaysOut = {
  redriveOnce: another('with such a transition'),
  acceptAnew: 'Accept it anew, with an event that is possible in the state of the ticket.',
};

const later: Readonly<Record<string, string>> = {
  'no-such-transition': 'Once the ticket is in a state in which the event is possible.',
  'ambiguous-state': 'Once it is known in which state the ticket is.',
  'unknown-status': 'Once the workers run a lifecycle that has the status of the ticket.',
  'unknown-ticket': 'Once the ticket exists for this key.',
  'ticket-not-found': 'Once the ticket exists for this key.',
  'not-found': 'Once the address of the API is right.',
  conflict: 'Once the ticket is as the server wants it.',
};

/** Says what helps a change that is dead for these reasons. */
export function waysOutOf(change: Change, codes: readonly string[]): WaysOut {
  // One that no redrive mends outweighs all others.
  const final = Object.keys(anew).find((code) => codes.includes(code));
  if (final !== undefined) return anew[final] as WaysOut;
  const stated = statedFrom(change);
  if (codes.includes('stale') && stated !== undefined) {
    return { redriveOnce: `Once the ticket is in ${JSON.stringify(stated)} again.` };
  }
  // Its state was right, so that is no way to wait for.
  if (codes.includes('no-such-transition') && stated !== undefined) return noWayFrom;
  const known = codes.find((code) => Object.hasOwn(later, code));
  if (known !== undefined) return { redriveOnce: later[known] ?? '' };
  if (codes.length > 0) {
    return { redriveOnce: `Once what it was refused for is different (${codes.join(', ')}).` };
  }
  return { redriveOnce: 'Once its cause is gone: else it ends the same way.' };
}
