import { LinnetError } from '@linnet/core';
import type { HotKeys } from '@linnet/core/engine';
import { LaneMemory } from './lane-memory.ts';
import { Lane, type LaneOptions } from './lane.ts';
import { LocalStore, type Change } from './local-store.ts';
import type { KafkaAdmin, KafkaPort, Position, TopicPartition } from './port.ts';
import { restore } from './restore.ts';
import { decodeStateId, encodeStateId } from './state-key.ts';

/** While the changelog is read, what has gathered goes to the local store beyond this: memory does not hold two copies of everything. */
const GATHERED_BYTES = 32 * 1024 * 1024;

export interface HolderOptions extends Omit<LaneOptions, 'hot'> {
  readonly port: KafkaPort;
  readonly admin: KafkaAdmin;
  /** Folder of the local store, where there is one. */
  readonly folder?: string;
  /** What tells this changelog from another of its name. */
  readonly identity: string;
  /** What the process may keep in memory of the keys, over all its lanes; everything if not given. */
  readonly hot?: HotKeys;
  /** Number of lanes that share it. */
  lanes(): number;
  /** Steps whose stored state is given up. */
  readonly drop: readonly string[];
  /** A transaction that nobody ends holds the restore up. */
  heldUp(): Promise<void>;
  onTrouble(message: string): void;
}

/** What a member has of one lane: its partitions, its state, and how far it is. */
export class LaneHolder {
  readonly lane: number;
  readonly owned = new Map<string, TopicPartition>();
  /** Offset of the next message to handle, by topic. */
  readonly next = new Map<string, number>();
  /** While it is at work; a lane that was restored and not begun yet gives nothing, and no commit takes anything of it. */
  flow: Lane | undefined;
  private restored: Lane | undefined;
  remaining = 0;
  cancelled = false;
  /** Its end is in what was committed. */
  saidFinished = false;
  /** What it began with was more than nothing. */
  hasStates = false;
  private readonly options: HolderOptions;
  private readonly store: LocalStore | undefined;
  /** Committed, and not in the local store yet. */
  private readonly unsaved = new Map<string, Uint8Array | null>();
  private uncommitted: Change[] = [];
  /** When the last message of a topic came, and whether it was the last there was. */
  private readonly silence = new Map<string, { since: number; caughtUp: boolean; end: number }>();
  private troubled = false;
  private memory: LaneMemory | undefined;
  private attempt = 0;

  constructor(options: HolderOptions) {
    this.options = options;
    this.lane = options.lane;
    const { folder, identity } = options;
    this.store = folder === undefined ? undefined : LocalStore.open(folder, this.lane, identity);
    if (folder !== undefined && this.store === undefined)
      options.onTrouble(
        `lane ${this.lane}: no local store in ${folder}; the whole changelog is read instead`,
      );
  }

  get complete(): boolean {
    return this.owned.size === this.options.topology.subscribed.length;
  }

  get changelog(): TopicPartition {
    return { topic: this.options.topology.changelog, partition: this.lane };
  }

  get dirty(): boolean {
    return this.unsaved.size > 0;
  }

  /** Messages of a topic were handled, up to an offset. */
  heard(topic: string, next: number): void {
    this.next.set(topic, next);
    this.silence.set(topic, { since: performance.now(), caughtUp: false, end: 0 });
  }

  /** The topic has no more messages at the moment. Its end may lie behind the last one: control records take up offsets. */
  caughtUp(topic: string, end: number): void {
    const silence = this.silence.get(topic);
    if (silence === undefined) return;
    silence.caughtUp = true;
    silence.end = end;
  }

  /** Offset up to which nothing of a topic is left to handle. */
  reached(topic: string): number {
    return Math.max(this.next.get(topic) ?? 0, this.silence.get(topic)?.end ?? 0);
  }

  isSilent(topic: string, idleMs: number): boolean {
    const silence = this.silence.get(topic);
    return silence?.caughtUp === true && performance.now() - silence.since >= idleMs;
  }

  /** Gives up what the lane holds in memory: what was not committed is forgotten with the rest. */
  discard(): void {
    this.flow = undefined;
    this.restored = undefined;
    this.memory?.close();
    this.memory = undefined;
    this.saidFinished = false;
    this.next.clear();
    this.uncommitted = [];
    this.attempt++;
  }

  /** Restores the state of the last commit. @returns false when it was given up meanwhile */
  async restore(): Promise<boolean> {
    const attempt = ++this.attempt;
    const cancelled = () => this.cancelled || this.attempt !== attempt;
    const { port, admin } = this.options;
    let gathered = 0;
    const end = await restore({
      port,
      admin,
      changelog: { ...this.changelog, offset: this.store?.offset ?? 0 },
      cancelled,
      heldUp: () => this.options.heldUp(),
      onRecord: (id, bytes) => {
        this.unsaved.set(id, bytes);
        gathered += bytes?.length ?? 0;
      },
      onRead: (offset) => {
        if (gathered < GATHERED_BYTES) return;
        gathered = 0;
        this.save({ ...this.changelog, offset });
      },
      onRemaining: (records) => {
        this.remaining = records;
      },
    });
    if (end === undefined || cancelled()) return false;
    const { hot, lanes } = this.options;
    this.memory = hot && new LaneMemory(hot, lanes);
    const flow = new Lane({ ...this.options, hot: this.memory });
    this.hasStates = false;
    for (const { id, bytes } of this.store?.states() ?? [])
      if (!this.unsaved.has(id)) this.put(flow, id, bytes);
    for (const [id, bytes] of this.unsaved) if (bytes !== null) this.put(flow, id, bytes);
    if (this.store === undefined) this.unsaved.clear();
    this.remaining = 0;
    this.restored = flow;
    return true;
  }

  /** Begins to work where it was put to. @param ended sources whose input had ended before */
  begin(ended: readonly string[]): void {
    for (const source of ended) this.restored?.endedBefore(source);
    this.flow = this.restored;
    this.restored = undefined;
  }

  /** The state of its last commit is there, and it has not begun. */
  get isRestored(): boolean {
    return this.restored !== undefined;
  }

  /** What changed since the last commit, for the changelog. */
  changes(): readonly Change[] {
    for (const { id, bytes } of this.flow?.drain() ?? [])
      this.uncommitted.push({ id: encodeStateId(id), bytes });
    return this.uncommitted;
  }

  committed(): void {
    // Without a store the changelog alone is gone on from.
    if (this.store !== undefined) for (const { id, bytes } of this.uncommitted) this.unsaved.set(id, bytes);
    this.uncommitted = [];
  }

  /** Saves the committed state with the changelog's end, between two transactions. A full disk is told once, not fatal. */
  save({ offset }: Position): void {
    if (this.store === undefined || this.unsaved.size === 0) return;
    try {
      this.store.save(
        Array.from(this.unsaved, ([id, bytes]) => ({ id, bytes })),
        offset,
      );
      this.unsaved.clear();
      if (this.troubled) this.options.onTrouble(`lane ${this.lane}: the local store can be written to again`);
      this.troubled = false;
    } catch (error) {
      if (!this.troubled)
        this.options.onTrouble(
          `lane ${this.lane}: the local store cannot be written to (${(error as Error).message}); nothing is lost, a restart takes longer`,
        );
      this.troubled = true;
    }
  }

  close(): void {
    this.cancelled = true;
    this.discard();
    this.store?.close();
  }

  private put(flow: Lane, text: string, bytes: Uint8Array): void {
    this.hasStates = true;
    const id = decodeStateId(text);
    if (flow.restore(id, bytes)) return;
    const step = 'step' in id ? id.step : id.watermarks;
    if (this.options.drop.includes(step)) {
      this.uncommitted.push({ id: text, bytes: null });
      return;
    }
    throw new LinnetError(
      'flow.changed',
      `the changelog ${this.options.topology.changelog} holds state of step "${step}", which the flow has not: ` +
        `give the step its old id, give its state up with --drop ${step}, or run under another --app`,
    );
  }
}
