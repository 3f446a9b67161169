import type { MeterProvider } from '@opentelemetry/api';

/** The name under which spans and measurements are found. */
export const scope = '@ticket-lifecycle/series';

// The boundaries that the semantic conventions advise for HTTP, in seconds.
const boundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

function instrumentsOf(provider: MeterProvider) {
  const meter = provider.getMeter(scope);
  const advice = { explicitBucketBoundaries: boundaries };
  return {
    requestDuration: meter.createHistogram('http.client.request.duration', {
      description: 'Duration of HTTP client requests.',
      unit: 's',
      advice,
    }),
    changeCount: meter.createCounter('ticket_lifecycle.change.count', {
      description: 'Changes of tickets by how they ended.',
      unit: '{change}',
    }),
    changeWait: meter.createHistogram('ticket_lifecycle.change.wait', {
      description: 'Time that changes have waited for their turn, a slot, a pause or a retry.',
      unit: 's',
      advice,
    }),
  };
}

/**
 * The instruments of the provider that there is now: unlike a tracer, a meter does not find out by
 * itself that a provider was registered after it was made.
 */
export function latestInstruments(providerNow: () => MeterProvider) {
  let latest: { readonly provider: MeterProvider; readonly made: Instruments } | undefined;
  return (): Instruments => {
    const provider = providerNow();
    if (latest?.provider !== provider) latest = { provider, made: instrumentsOf(provider) };
    return latest.made;
  };
}

type Instruments = ReturnType<typeof instrumentsOf>;
