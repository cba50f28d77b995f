/**
 * The real embedded store on real files, with what a power cut leaves of them. SQLite's own file layer cannot be replaced from
 * here, so its files are looked at where it said that they are durable: what it wrote since then is lost, kept or torn, sector
 * by sector.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph } from '@linnet/core';
import type { Backend, Checkpoint, Epoch, StateEntry, Undelivered } from '@linnet/core/engine';
import { readOutputs, RecoveryStore } from '@linnet/connectors/recovery';
import type { Chance, World } from '../world.ts';
import type { Store } from './store.ts';

const FILES = ['recovery.sqlite', 'recovery.sqlite-wal'] as const;
const SECTOR = 512;
/** In memory where there is such a folder: syncs cost nothing, and no test wears out a disk. */
const HOME = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

type Files = ReadonlyMap<string, Buffer>;

export class SqliteStore implements Store {
  private readonly folder = mkdtempSync(join(HOME, 'linnet-sim-'));
  private readonly world: World;
  private backend: SqliteBackend | undefined;

  constructor(world: World) {
    this.world = world;
  }

  open(graph: Graph): Backend {
    this.world.effect('open the store');
    this.backend = new SqliteBackend(this.folder, graph, this.world);
    return this.backend;
  }

  crash(): void {
    const { backend, folder } = this;
    if (backend === undefined) return;
    const left = backend.left ?? read(folder);
    // What closing does to the files does not happen: they are put back as the power cut left them.
    backend.close();
    this.backend = undefined;
    for (const name of [...FILES, 'recovery.sqlite-shm']) rmSync(join(folder, name), { force: true });
    for (const [name, bytes] of left) writeFileSync(join(folder, name), bytes);
  }

  table(sink: string): readonly unknown[] {
    return [...readOutputs(this.folder, sink)].map((record) => JSON.parse(record) as unknown);
  }

  remove(): void {
    this.backend?.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The store with crashes before, within and behind its writes. */
class SqliteBackend implements Backend {
  /** What a crash left of the files, where it came within a write. */
  left: Files | undefined;
  private readonly folder: string;
  private readonly store: RecoveryStore;
  private readonly world: World;
  private open = true;

  constructor(folder: string, graph: Graph, world: World) {
    this.folder = folder;
    this.world = world;
    this.store = new RecoveryStore(folder, graph);
  }

  get checkpoint(): Checkpoint | null {
    return this.store.checkpoint;
  }

  states(): Iterable<StateEntry> {
    return this.store.states();
  }

  commit(epoch: Epoch): void {
    const full = this.world.chance.holds(0.03);
    this.write(() => this.store.commit(full ? cutShort(epoch) : epoch));
  }

  undelivered(): Iterable<Undelivered> {
    return this.store.undelivered();
  }

  delivered(sink: string, epoch: number): void {
    this.write(() => this.store.delivered(sink, epoch));
  }

  close(): void {
    if (this.open) this.store.close();
    this.open = false;
  }

  /** A write that is durable when it returns. A crash within it may leave any part of it. */
  private write(work: () => void): void {
    const { world, folder } = this;
    world.effect('before a write');
    const before = read(folder);
    work();
    try {
      world.effect('within a write', 0.08);
    } catch (crash) {
      this.left = torn(before, read(folder), world.chance);
      throw crash;
    }
  }
}

/** The disk is full after some of the epoch's states: SQLite's own error, out of the middle of the transaction. */
function cutShort(epoch: Epoch): Epoch {
  const states = epoch.states.slice(0, 1);
  Object.defineProperty(states, Symbol.iterator, {
    *value(this: readonly StateEntry[]) {
      for (let i = 0; i < this.length; i++) yield this[i];
      throw Object.assign(new Error('database or disk is full'), { errcode: 13 });
    },
  });
  return { ...epoch, states };
}

function read(folder: string): Files {
  const found = FILES.filter((name) => existsSync(join(folder, name)));
  return new Map(found.map((name) => [name, readFileSync(join(folder, name))]));
}

function torn(before: Files, after: Files, chance: Chance): Files {
  const main = (files: Files) => files.get(FILES[0]) ?? Buffer.alloc(0);
  // The main file changes only behind syncs of its own: then either state is possible, and no mixture.
  if (!main(before).equals(main(after))) return chance.holds(0.5) ? before : after;
  return new Map(
    [...after].map(([name, bytes]) => [name, tornFile(before.get(name) ?? Buffer.alloc(0), bytes, chance)]),
  );
}

/** Each sector as it was or as it was written, and the file as long as it was, as it should be, or between. */
function tornFile(before: Buffer, after: Buffer, chance: Chance): Buffer {
  const kept = chance.pick([0, 0.5, 0.9, 1]);
  const length = chance.holds(0.5)
    ? after.length
    : before.length + chance.int(Math.max(0, after.length - before.length) + 1);
  const left = Buffer.alloc(Math.max(length, before.length));
  before.copy(left);
  for (let at = 0; at < Math.min(length, after.length); at += SECTOR) {
    if (chance.holds(kept)) after.copy(left, at, at, Math.min(at + SECTOR, length, after.length));
  }
  return left;
}
