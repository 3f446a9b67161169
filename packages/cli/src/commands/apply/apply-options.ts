import type { ConnectOptions } from '../../api/connect.ts';
import type { ChosenOptions } from '../../bulk/run-changes.ts';

/** What `apply` takes. */
export interface ApplyOptions extends ConnectOptions, ChosenOptions {
  readonly definition?: string | undefined;
  /** The name of a profile that fills in what is not given. */
  readonly profile?: string | undefined;
  readonly yes?: true | undefined;
  /** Applies a file once more that was applied before. */
  readonly again?: true | undefined;
  /** The name of the journal, or whether there is one. */
  readonly journal?: string | boolean | undefined;
  readonly resume?: string | undefined;
  readonly report?: string | undefined;
  /** Where to write the lines that did not arrive. */
  readonly failed?: string | undefined;
  /** Whether notes and progress are left out. */
  readonly quiet?: true | undefined;
  readonly allowEmpty?: true | undefined;
}
