import type { FleetFault } from './fault-plan.ts';

/** What a process of devices is told when it starts. */
export interface SitePlan {
  readonly run: string;
  readonly broker: string;
  readonly user?: string;
  /** Where each device has a credential of its own: its secret by its name. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Folder of the devices' buffers. */
  readonly buffers: string;
  readonly ledger: string;
  /** First device of the run that lives here, and how many there are. */
  readonly first: number;
  readonly count: number;
  readonly intervalMs: number;
  /** Readings that each device records at once when it is started for the first time. */
  readonly backlog: number;
  readonly seed: number;
  readonly faults: readonly FleetFault[];
  /** Sensors and clocks go wrong within so many ms from the start. */
  readonly forMs: number;
}

export type ToSite =
  | { readonly kind: 'start'; readonly plan: SitePlan }
  /** Readings come by the clock from `at` on, epoch ms, until told to stop. */
  | { readonly kind: 'record'; readonly at: number }
  /** No more readings; ends when all are stored, or after so long. */
  | { readonly kind: 'drain'; readonly waitMs: number };

export interface SiteCounts {
  readonly recorded: number;
  readonly pending: number;
  readonly connected: number;
}

export type FromSite =
  /** Every agent has its log open. */
  | { readonly kind: 'ready' }
  | ({ readonly kind: 'counts' } & SiteReport)
  | ({ readonly kind: 'done' } & SiteReport);

export interface SiteReport extends SiteCounts {
  /** Of each live reading that was acknowledged since the last report: when, epoch ms, and how long after it was recorded, ms; in turn. */
  readonly acknowledged: readonly number[];
}
