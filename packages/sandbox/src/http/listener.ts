import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SandboxError } from '../error.ts';

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
}

/** Binds a server; rejects with a `SandboxError` where that can't be done at this address. */
export async function listen(server: Server, { host, port }: ListenOptions): Promise<number> {
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explained(error, { host, port });
  }
  return (server.address() as AddressInfo).port;
}

function explained(error: unknown, { host, port }: ListenOptions): unknown {
  const options = { cause: error };
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return new SandboxError(
        'port-in-use',
        `startSandbox: port ${port} on ${host} is already in use; choose another, or 0 for any free one.`,
        options,
      );
    case 'EACCES':
      return new SandboxError(
        'port-not-allowed',
        `startSandbox: you may not listen on port ${port}; choose another above 1023, or 0 for any free one.`,
        options,
      );
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new SandboxError(
        'no-such-host',
        `startSandbox: this machine has no address ${host}; choose 127.0.0.1.`,
        options,
      );
    default:
      return error;
  }
}

/**
 * Lets a server refuse connections for a moment, whenever `isDue` says so. The only way to refuse
 * is not to listen: nobody then sees who was refused, so what ends it is time.
 */
export function createOutages(
  server: Server,
  address: ListenOptions,
  { ms, isDue }: { readonly ms: number; readonly isDue: () => boolean },
) {
  let isOut = false;
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let ending: Promise<void> | undefined;
  const wait = () => {
    timer = setTimeout(() => (ending = end()), ms);
  };
  const end = async () => {
    // One outage after another needs no listening in between.
    if (isDue()) return wait();
    try {
      await listen(server, address);
      isOut = false;
    } catch {
      // Somebody has taken the port meanwhile, and may give it back.
      if (!isStopped) wait();
    }
  };

  return {
    isOut: () => isOut,
    /** Begins an outage if one is due. */
    beginIfDue() {
      if (isOut || isStopped) return;
      // First, because asking whether one is due makes this be called again.
      isOut = true;
      isOut = isDue();
      if (!isOut) return;
      // Closes the idle connections too, which would still get through.
      server.close();
      wait();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      await ending;
    },
  };
}
