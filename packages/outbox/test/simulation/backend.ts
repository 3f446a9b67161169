import type { Settings } from '../../src/create-outbox.ts';
import type { NewChange, Store, StoreInspect } from '../../src/model/store.ts';
import type { Place } from './virtual-time.ts';
import type { World } from './world.ts';

/** A store of the fleet, with the way to it. All but `open` happens at the store itself. */
export interface Backend {
  /** The store as a process sees it. */
  open(place: Place, worker: number): Store<never>;
  /** Stores changes for the service, and rolls its transaction back if it is told to. */
  accept(changes: readonly NewChange[], isRolledBack: boolean): Promise<void>;
  /** For a person, and for the judge. */
  readonly byHand: Pick<Store<never>, 'redrive' | 'skip'>;
  readonly inspect: StoreInspect;
  /** What became of changes, by their ids. */
  kinds(ids: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /** The system closes the connections of a process. */
  hangUp(place: Place): void;
  /** Breaks the session of a worker with the database. */
  endSession(worker: number): void;
  close(): Promise<void>;
}

/** Opens an empty store in a world. */
export type OpenBackend = (world: World, settings: Settings) => Promise<Backend>;
