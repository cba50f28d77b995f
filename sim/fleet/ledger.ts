/** What devices recorded, and what they may have lost: kept by ids of its own, which travel as a field of the readings. */
import type { MemoryDisk } from '../../packages/agent/sim/memory-disk.ts';
import type { Disk } from '../../packages/agent/src/log/disk.ts';
import type { Log } from '../../packages/agent/src/log/log.ts';
import type { Chance } from '../world.ts';
import type { Timeline } from './timeline.ts';

export interface Recording {
  readonly n: number;
  readonly device: string;
  /** Virtual time. */
  readonly at: number;
  /** The agent said that it is on disk. */
  recorded: boolean;
  /** The disk that held it is gone. */
  wiped: boolean;
}

/** What a device may have lost. */
export interface Allowance {
  /** Readings that the agent says it gave up. */
  evicted: number;
  /** Bytes that rotted: each costs one reading at most. */
  flips: number;
  readonly removed: { readonly name: string; readonly bytes: Uint8Array }[];
}

export class Ledger {
  readonly recordings: Recording[] = [];
  private readonly timeline: Timeline;
  private readonly chance: Chance;
  private readonly allowances = new Map<string, Allowance>();

  constructor(timeline: Timeline, chance: Chance) {
    this.timeline = timeline;
    this.chance = chance;
  }

  /** A reading is about to be recorded. @returns its id */
  recording(device: string): number {
    const n = this.recordings.length;
    this.recordings.push({ n, device, at: this.timeline.now, recorded: false, wiped: false });
    return n;
  }

  recorded(n: number, stored: boolean): void {
    (this.recordings[n] as Recording).recorded = stored;
  }

  /** A life of a device's agent is over. */
  ended(device: string, log: Log): void {
    const { evicted, oversize } = log.counters.dropped;
    this.of(device).evicted += evicted + oversize;
  }

  wiped(device: string): void {
    for (const one of this.recordings) if (one.device === device) one.wiped = true;
    this.of(device).removed.length = 0;
  }

  flipped(device: string): void {
    this.of(device).flips++;
  }

  of(device: string): Allowance {
    const found = this.allowances.get(device) ?? { evicted: 0, flips: 0, removed: [] };
    this.allowances.set(device, found);
    return found;
  }

  /** The disk, with a copy kept of every segment that leaves it. */
  watch(device: string, disk: MemoryDisk): Disk {
    return {
      list: () => disk.list(),
      create: (name) => disk.create(name),
      write: (name, position, bytes) => disk.write(name, position, bytes),
      read: (name, position, length) => disk.read(name, position, length),
      truncate: (name, length) => disk.truncate(name, length),
      sync: (name, done) => disk.sync(name, done),
      remove: (name) => {
        const bytes = disk.files.get(name)?.bytes.slice();
        disk.remove(name);
        if (bytes !== undefined) this.of(device).removed.push({ name, bytes });
      },
    };
  }

  /** A segment that was done with is on the disk again, as after a restore of a backup. */
  putBack(device: string, disk: MemoryDisk): void {
    const { removed } = this.of(device);
    if (removed.length === 0) return;
    const { name, bytes } = this.chance.pick(removed);
    if (!disk.files.has(name)) disk.files.set(name, { bytes: bytes.slice(), durable: bytes.length });
  }
}
