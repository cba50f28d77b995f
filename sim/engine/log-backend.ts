import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { LinnetError, type Graph } from '@linnet/core';
import {
  isSink,
  type Backend,
  type Checkpoint,
  type Epoch,
  type StateEntry,
  type Undelivered,
} from '@linnet/core/engine';
import { Disk } from '../disk.ts';
import type { World } from '../world.ts';
import type { Store } from './store.ts';

type Entry =
  { readonly epoch: Epoch } | { readonly delivered: { readonly sink: string; readonly epoch: number } };

const HEADER = 8;

/** The log backend on the simulated disk. */
export class LogStore implements Store {
  private readonly world: World;
  private readonly disk: Disk;
  private backend: LogBackend | undefined;

  constructor(world: World) {
    this.world = world;
    this.disk = new Disk(world);
  }

  open(graph: Graph): Backend {
    const sinks = [...graph.steps.values()].filter(isSink);
    const tables = sinks.filter(({ sink }) => sink.transactional === true).map(({ id }) => id);
    this.backend = new LogBackend(this.disk, this.world, new Set(tables));
    return this.backend;
  }

  crash(): void {
    this.disk.crash();
  }

  table(sink: string): readonly unknown[] {
    return this.backend?.tables.get(sink) ?? [];
  }

  remove(): void {}
}

/** Epochs in a log of checksummed entries on the simulated disk: the simplest store that keeps a backend's promises. */
class LogBackend implements Backend {
  checkpoint: Checkpoint | null = null;
  /** Records of the table sinks, in their order. */
  readonly tables = new Map<string, unknown[]>();
  private readonly disk: Disk;
  private readonly world: World;
  private readonly transactional: ReadonlySet<string>;
  private readonly state = new Map<string, StateEntry>();
  private readonly outbox = new Map<string, Undelivered>();

  constructor(disk: Disk, world: World, transactional: ReadonlySet<string>) {
    this.disk = disk;
    this.world = world;
    this.transactional = transactional;
    this.replay();
  }

  *states(): Iterable<StateEntry> {
    yield* this.state.values();
  }

  commit(epoch: Epoch): void {
    if (this.world.chance.holds(0.03)) {
      throw new LinnetError('io.failed', 'the disk is full', { retryable: true });
    }
    this.write({ epoch });
    this.disk.sync();
    this.apply({ epoch });
  }

  *undelivered(): Iterable<Undelivered> {
    yield* this.outbox.values();
  }

  delivered(sink: string, epoch: number): void {
    this.write({ delivered: { sink, epoch } });
    this.apply({ delivered: { sink, epoch } });
  }

  close(): void {
    this.disk.sync();
  }

  private write(entry: Entry): void {
    const body = serialize(entry);
    const record = new Uint8Array(HEADER + body.length);
    const view = new DataView(record.buffer);
    view.setUint32(0, body.length);
    view.setUint32(4, crc32(body));
    record.set(body, HEADER);
    this.disk.append(record);
  }

  private replay(): void {
    const bytes = this.disk.read();
    const view = new DataView(bytes.buffer);
    let at = 0;
    while (at + HEADER <= bytes.length) {
      const end = at + HEADER + view.getUint32(at);
      if (end > bytes.length) break;
      const body = bytes.subarray(at + HEADER, end);
      if (crc32(body) !== view.getUint32(at + 4)) break;
      this.apply(deserialize(body) as Entry);
      at = end;
    }
    this.disk.truncate(at);
  }

  private apply(entry: Entry): void {
    if ('delivered' in entry) {
      this.outbox.delete(`${entry.delivered.sink} ${entry.delivered.epoch}`);
      return;
    }
    const { checkpoint, states, outputs } = entry.epoch;
    // As bytes would be: what the engine changes later must not change what is stored.
    this.checkpoint = deserialize(serialize(checkpoint)) as Checkpoint;
    for (const state of states) {
      const id = `${state.step} ${typeof state.key} ${state.key}`;
      if (state.bytes === null) this.state.delete(id);
      else this.state.set(id, state);
    }
    for (const [sink, items] of outputs) {
      if (items.length === 0) continue;
      if (this.transactional.has(sink)) this.tables.set(sink, [...(this.tables.get(sink) ?? []), ...items]);
      else this.outbox.set(`${sink} ${checkpoint.epoch}`, { sink, epoch: checkpoint.epoch, items });
    }
  }
}
