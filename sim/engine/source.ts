/** A source that gives what it has in any order and in blocks of any size, again after a restart, and keeps a ledger of it. */
import type { Source, SourceBlock } from '@linnet/core';
import { ownerOf, type BytesPayload, type ShareColumn } from '@linnet/core/engine';
import { decodeReadings, encodeReadings } from './reading-bytes.ts';
import type { World } from '../world.ts';
import type { Reading, Scenario } from './scenario.ts';

/** A reading as it was delivered once. */
export interface Delivered extends Reading {
  /** The oracle's own identity of this delivery; the engine knows nothing of it. */
  readonly id: number;
}

/** One block as it was read. */
export interface Read {
  readonly serial: number;
  /** The read of the same source that this one went on behind; 0 for none. */
  readonly parent: number;
  readonly source: number;
  readonly partition: number;
  readonly partitions: number;
  readonly ended: boolean;
  /** Processing time. */
  readonly now: number;
  readonly items: readonly Delivered[];
}

/** Offset of the simulated source: what was given, and by which read last. */
interface Offset {
  readonly serial: number;
  /** By partition: places of the readings that were given, and whether there is nothing more to say of it. */
  readonly given: readonly (readonly number[])[];
  readonly done: readonly boolean[];
}

/**
 * Every read of every life. A run goes on from an offset, so the reads that count are those on the way back from the last one:
 * that is all the oracle knows of what happened.
 */
export class Ledger {
  private readonly reads: Read[] = [];
  private readonly last: number[] = [];
  private ids = 0;
  private readonly ends: { readonly last: readonly number[]; readonly now: number }[] = [];

  note(read: Omit<Read, 'serial' | 'items'>, readings: readonly Reading[]): Read {
    const items = readings.map((reading) => ({ ...reading, id: this.ids++ }));
    const noted = { ...read, serial: this.reads.length + 1, items };
    this.reads.push(noted);
    this.last[read.source] = noted.serial;
    return noted;
  }

  /** Processing time of the latest read of all. */
  get latest(): number | undefined {
    return this.reads.at(-1)?.now;
  }

  /** A life begins behind this read. */
  resume(source: number, serial: number): void {
    this.last[source] = serial;
  }

  /** All sources are at their end. */
  end(now: number): void {
    this.ends.push({ last: [...this.last], now });
  }

  /** Processing times at which the run may have come to its end: a crash right behind that makes it come to it again. */
  endings(): number[] {
    return this.ends
      .filter(({ last }) => last.every((serial, source) => serial === this.last[source]))
      .map(({ now }) => now);
  }

  /** The reads that count, in the order in which they happened. */
  history(): Read[] {
    const counting: Read[] = [];
    for (const last of this.last) {
      for (let read = this.reads[last - 1]; read !== undefined; read = this.reads[read.parent - 1])
        counting.push(read);
    }
    return counting.toSorted((a, b) => a.serial - b.serial);
  }
}

export function makeSource(
  scenario: Scenario,
  source: number,
  world: World,
  ledger: Ledger,
): Source<Delivered> {
  return {
    kind: 'simulated',
    name: 'simulated',
    bounded: scenario.bounded,
    open({ from }) {
      const reader = new SimulatedReader(scenario, source, world, ledger, from as Offset | undefined);
      return {
        partitions: scenario.sources[source]?.length ?? 0,
        read: () => Promise.resolve().then(() => reader.read()),
        close: () => Promise.resolve(),
      };
    },
    ...(scenario.shares && { divide }),
    decode(payload) {
      if ('items' in payload) return { items: payload.items as Delivered[], positions: null, rejected: [] };
      const all = decodeReadings(payload.bytes);
      const kept = all.flatMap((reading, at) => (reading === undefined ? [] : [at]));
      const positions = Int32Array.from(kept, (at) => payload.places?.[at] ?? at);
      return { items: kept.map((at) => all[at] as Delivered), positions, rejected: [] };
    },
  };
}

function divide({ bytes }: BytesPayload, { column }: ShareColumn, workers: number): BytesPayload[] {
  const all = decodeReadings(bytes);
  const owners = all.map((item) => ownerOf(String(item?.[column as keyof Delivered]), workers));
  return Array.from({ length: workers }, (_, worker) => {
    const places = owners.flatMap((owner, at) => (owner === worker ? [at] : []));
    const items = places.flatMap((at) => all[at] ?? []);
    return { bytes: encodeReadings(items), places: Int32Array.from(places) };
  });
}

class SimulatedReader {
  private readonly scenario: Scenario;
  private readonly source: number;
  private readonly partitions: readonly (readonly Reading[])[];
  private readonly world: World;
  private readonly ledger: Ledger;
  private readonly given: number[][];
  private readonly done: boolean[];
  private serial: number;
  private partition = 0;

  constructor(
    scenario: Scenario,
    source: number,
    world: World,
    ledger: Ledger,
    from: Offset = { serial: 0, given: [], done: [] },
  ) {
    this.scenario = scenario;
    this.source = source;
    this.partitions = scenario.sources[source] ?? [];
    this.world = world;
    this.ledger = ledger;
    this.serial = from.serial;
    this.given = this.partitions.map((_, index) => [...(from.given[index] ?? [])]);
    this.done = this.partitions.map((_, index) => from.done[index] ?? false);
    ledger.resume(source, from.serial);
  }

  read(): SourceBlock | null {
    const { world, partitions } = this;
    world.effect('source read');
    world.pass(world.chance.holds(0.1) ? world.chance.int(1000) : world.chance.int(20));
    const open = partitions.flatMap((_, index) => (this.done[index] === true ? [] : [index]));
    if (open.length === 0) {
      this.ledger.end(world.now());
      return null;
    }
    // Several blocks of one partition in a row, so that another falls silent.
    if (!open.includes(this.partition) || world.chance.holds(0.3)) this.partition = world.chance.pick(open);
    const places = this.places(this.partition);
    const own = partitions[this.partition] as readonly Reading[];
    const given = this.given[this.partition] as number[];
    for (const place of places) if (!given.includes(place)) given.push(place);
    const all = given.length === own.length;
    // Not every partition says that it has ended, and some say it in a block of its own.
    const ended = all && world.chance.holds(0.5);
    this.done[this.partition] = ended || (all && places.length === 0);
    const noted = this.ledger.note(
      {
        parent: this.serial,
        source: this.source,
        partition: this.partition,
        partitions: partitions.length,
        ended,
        now: world.now(),
      },
      places.map((place) => own[place] as Reading),
    );
    this.serial = noted.serial;
    return this.block(noted);
  }

  private block({ serial, partition, ended, items }: Read): SourceBlock {
    const offset: Offset = {
      serial,
      given: this.given.map((places) => [...places]),
      done: [...this.done],
    };
    const payload = this.scenario.shares ? { bytes: encodeReadings(items) } : { items };
    return { payload, first: serial * 100, partition, ended, offset };
  }

  /** Which readings of the partition come next: the oldest, or now and then some of the oldest in another order. */
  private places(partition: number): number[] {
    const { chance } = this.world;
    const { shuffled, repeated, bounded } = this.scenario;
    const given = this.given[partition] as number[];
    const left = (this.partitions[partition] as readonly Reading[]).flatMap((_, place) =>
      given.includes(place) ? [] : [place],
    );
    if (!bounded && chance.holds(0.1) && left.length > 0) return [];
    const places = left.slice(0, 1 + chance.int(6));
    if (chance.holds(shuffled)) places.reverse();
    if (chance.holds(repeated) && given.length > 0) places.push(chance.pick(given));
    return places;
  }
}
