import type { Bank } from '../../base/component.ts';
import { LinnetError } from '../../base/error.ts';
import { SnapshotReader, SnapshotWriter } from '../../base/snapshot.ts';
import { packIntegers, unpackIntegers } from '../../math/pack-integers.ts';
import type { LeafFinder } from './leaf-finder.ts';
import type { PathSums } from './path-sums.ts';
import { unsigned, type Unsigned } from './unsigned.ts';

const NAME = 'half-space-trees';
const VERSION = 1;
/** Slots are allocated in pages of about this size, so that growing moves little. */
const PAGE_BYTES = 2 ** 19;

/** What all banks of a configuration share. */
export interface Shared {
  readonly finder: LeafFinder;
  readonly sums: PathSums;
}

/** The state of some neighbouring slots; a slot is `trees * leaves` entries, tree by tree. */
interface Page {
  readonly slots: number;
  /** Values of the window at hand, by leaf. */
  readonly mass: Unsigned;
  /** Of the last whole window: what a value adds to its score when it reaches the leaf. */
  readonly path: Unsigned;
  /** Values in the window at hand, by slot. */
  readonly count: Uint32Array;
  /** 1 once a window is whole, by slot. */
  readonly warm: Uint8Array;
}

/**
 * Half-space trees of one configuration for many keys.
 *
 * River counts the masses of two windows at every node and walks from the root twice a value. Here a value counts at its
 * leaf alone: a node's mass is the sum over its leaves, and it is needed only when a window ends. Then each leaf gets the
 * sum that River's walk to it would collect, so that scoring is one addition a tree. Equal to the bit, because all sums
 * are of whole numbers.
 */
export class HalfSpaceBank implements Bank {
  readonly bytesPerSlot: number;
  private readonly finder: LeafFinder;
  private readonly sums: PathSums;
  private readonly columns: number;
  private readonly window: number;
  private readonly identity: string;
  /** Has written what all snapshots begin with: `head` bytes. */
  private readonly writer: SnapshotWriter;
  private readonly head: number;
  private readonly trees: number;
  private readonly leaves: number;
  /** Entries a slot. */
  private readonly stride: number;
  private readonly pathMax: number;
  private readonly pageShift: number;
  private readonly pages: Page[] = [];

  /** @param identity the parameters, which a snapshot must share */
  constructor({ finder, sums }: Shared, columns: number, window: number, identity: string) {
    const { trees, leaves } = finder.forest;
    this.finder = finder;
    this.sums = sums;
    this.columns = columns;
    this.window = window;
    this.identity = identity;
    this.writer = new SnapshotWriter(NAME, VERSION).text(identity);
    this.head = this.writer.size;
    this.trees = trees;
    this.leaves = leaves;
    this.stride = trees * leaves;
    this.pathMax = window * (2 * leaves - 1);
    const bytesPerEntry = unsigned(window, 0).BYTES_PER_ELEMENT + unsigned(this.pathMax, 0).BYTES_PER_ELEMENT;
    this.bytesPerSlot = this.stride * bytesPerEntry + 5;
    this.pageShift = Math.max(0, Math.floor(Math.log2(PAGE_BYTES / this.bytesPerSlot)));
  }

  reserve(count: number): void {
    const whole = 2 ** this.pageShift;
    const first = this.pages[0];
    if (first !== undefined && first.slots < Math.min(count, whole)) {
      this.pages[0] = this.grown(first, Math.min(whole, Math.max(count, 2 * first.slots)));
    }
    while (this.pages.length << this.pageShift < count) {
      this.pages.push(this.page(this.pages.length === 0 ? Math.min(count, whole) : whole));
    }
  }

  reset(slot: number): void {
    const { page, at, entry } = this.locate(slot);
    page.mass.fill(0, at, at + this.stride);
    page.path.fill(0, at, at + this.stride);
    page.count[entry] = 0;
    page.warm[entry] = 0;
  }

  scoreLearn(slots: Int32Array, x: Float64Array, n: number, scores: Float64Array, ready: Uint8Array): void {
    const { finder, pageShift, stride, columns } = this;
    const entryMask = 2 ** pageShift - 1;
    for (let i = 0; i < n; i++) {
      const slot = slots[i] as number;
      const page = this.pages[slot >> pageShift] as Page;
      const entry = slot & entryMask;
      const found = finder.find(x, i * columns, page.mass, entry * stride);
      ready[i] = page.warm[entry] as number;
      scores[i] = this.scoreAndLearn(page, entry, found);
    }
  }

  scoreOne(slot: number, x: ArrayLike<number>): number {
    const { page, at, entry } = this.locate(slot);
    return this.score(page, entry, this.finder.find(x, 0, page.mass, at));
  }

  learnOne(slot: number, x: ArrayLike<number>): void {
    const { page, at, entry } = this.locate(slot);
    this.scoreAndLearn(page, entry, this.finder.find(x, 0, page.mass, at));
  }

  ready(slot: number): boolean {
    const { page, entry } = this.locate(slot);
    return page.warm[entry] === 1;
  }

  snapshot(slot: number): Uint8Array<ArrayBuffer> {
    const { page, at, entry } = this.locate(slot);
    return this.writer
      .rewind(this.head)
      .u32(page.count[entry] as number)
      .u8(page.warm[entry] as number)
      .blob(packIntegers(page.mass.subarray(at, at + this.stride)))
      .blob(packIntegers(page.path.subarray(at, at + this.stride)))
      .finish();
  }

  restore(slot: number, bytes: Uint8Array): void {
    const reader = new SnapshotReader(bytes, NAME, VERSION);
    reader.expect('parameters', reader.text(), this.identity);
    const count = reader.u32();
    const warm = reader.u8();
    const mass = unsigned(this.window, this.stride);
    const path = unsigned(this.pathMax, this.stride);
    const whole = unpackIntegers(reader.blob(), mass) && unpackIntegers(reader.blob(), path);
    reader.finish();
    if (!whole || count >= this.window || warm > 1) {
      throw new LinnetError(
        'snapshot.invalid',
        `cannot restore ${NAME}: the masses are not those of a window`,
      );
    }
    const { page, at, entry } = this.locate(slot);
    page.mass.set(mass, at);
    page.path.set(path, at);
    page.count[entry] = count;
    page.warm[entry] = warm;
  }

  private score(page: Page, entry: number, found: number): number {
    if (found < 0) return NaN;
    if (page.warm[entry] === 0) return 0;
    const { leaf } = this.finder;
    const { path } = page;
    const { trees, leaves } = this;
    let sum = 0;
    for (let tree = 0, root = entry * this.stride; tree < trees; tree++, root += leaves) {
      sum += path[root + (leaf[found + tree] as number)] as number;
    }
    return 1 - sum / (trees * this.pathMax);
  }

  /** Both in one pass over the trees. */
  private scoreAndLearn(page: Page, entry: number, found: number): number {
    if (found < 0) return NaN;
    const { leaf } = this.finder;
    const { mass, path, count } = page;
    const { trees, leaves } = this;
    let sum = 0;
    for (let tree = 0, root = entry * this.stride; tree < trees; tree++, root += leaves) {
      const at = root + (leaf[found + tree] as number);
      sum += path[at] as number;
      mass[at] = (mass[at] as number) + 1;
    }
    const score = page.warm[entry] === 0 ? 0 : 1 - sum / (trees * this.pathMax);
    const seen = (count[entry] as number) + 1;
    count[entry] = seen;
    if (seen === this.window) this.endWindow(page, entry);
    return score;
  }

  private endWindow(page: Page, entry: number): void {
    const { stride, leaves } = this;
    const { mass, path } = page;
    const at = entry * stride;
    for (let root = at; root < at + stride; root += leaves) this.sums.write(mass, path, root);
    mass.fill(0, at, at + stride);
    page.count[entry] = 0;
    page.warm[entry] = 1;
  }

  private locate(slot: number): { page: Page; entry: number; at: number } {
    const page = this.pages[slot >> this.pageShift] as Page;
    const entry = slot & (2 ** this.pageShift - 1);
    return { page, entry, at: entry * this.stride };
  }

  private page(slots: number): Page {
    return {
      slots,
      mass: unsigned(this.window, slots * this.stride),
      path: unsigned(this.pathMax, slots * this.stride),
      count: new Uint32Array(slots),
      warm: new Uint8Array(slots),
    };
  }

  private grown(from: Page, slots: number): Page {
    const page = this.page(slots);
    page.mass.set(from.mass);
    page.path.set(from.path);
    page.count.set(from.count);
    page.warm.set(from.warm);
    return page;
  }
}
