import { setTimeout as after } from 'node:timers/promises';
import type { HotKeys, StateCodec } from '@linnet/core/engine';
import { deadLetterOf } from './dead-letter.ts';
import { Fence, transactionsOf } from './fence.ts';
import { identityOf } from './identity-of.ts';
import { LaneHolder } from './lane-holder.ts';
import { Poison } from './lane.ts';
import { changelogGone, checkChangelog, checkPositions, decodeNote, encodeNote, type Note } from './note.ts';
import { persist } from './persist.ts';
import {
  KafkaFailure,
  type KafkaAdmin,
  type KafkaConsumer,
  type KafkaMessage,
  type KafkaPort,
  type KafkaTransactions,
  type OutgoingMessage,
  type Polled,
  type Position,
  type TopicPartition,
} from './port.ts';
import { runsOf } from './runs-of.ts';
import { startOf } from './start-of.ts';
import { Status, type MemberStatus } from './status.ts';
import type { Topology } from './topology.ts';

export interface MemberOptions {
  readonly port: KafkaPort;
  readonly topology: Topology;
  readonly codec: StateCodec;
  /** A name that no other running member has, and that this one has again when it comes back. */
  readonly instance: string;
  readonly commitMs: number;
  /** Folder of local stores; without one every restart reads the whole changelog. */
  readonly folder?: string;
  /** What is kept in memory of the keys; everything if not given. */
  readonly hot?: HotKeys;
  readonly drop: readonly string[];
  /** Ends when every lane's input has ended. */
  readonly untilEnd: boolean;
  stopped(): boolean;
  onTrouble(message: string): void;
  onStatus?(status: MemberStatus): void;
}

const POLL_MAX = 5000;
const POLL_MS = 100;
const CHECKPOINT_MS = 10_000;
const LOOK_MS = 500;
const REJOIN_MS = 1000;
const HELD_MS = 500;
/** Header of the message behind the last record of an input partition; `linnet load --end` writes it. */
export const END_HEADER = 'linnet-end';

/**
 * Runs a member of the flow's group until it is stopped or the input has ended. What passes by itself (a broker that is away,
 * a place lost to another member) is told and outlived; any other error is thrown.
 */
export async function runMember(options: MemberOptions): Promise<void> {
  let told = '';
  for (;;) {
    let admin: KafkaAdmin | undefined;
    let member: Member | undefined;
    try {
      admin = await options.port.admin();
      member = new Member(options, admin);
      await member.run();
      return;
    } catch (error) {
      if (!(error instanceof KafkaFailure)) throw error;
      if (options.stopped()) return;
      if (error.message !== told) options.onTrouble(`${error.message}; joining again`);
      told = error.message;
    } finally {
      try {
        await member?.close();
      } finally {
        await admin?.close();
      }
    }
    await after(REJOIN_MS);
  }
}

class Member {
  private readonly options: MemberOptions;
  private readonly admin: KafkaAdmin;
  private readonly holders = new Map<number, LaneHolder>();
  /** Restored, and not put to where they go on yet. */
  private readonly restored: LaneHolder[] = [];
  private readonly status: Status;
  private consumer: KafkaConsumer | undefined;
  private transactions: KafkaTransactions | undefined;
  private open = false;
  private outgoing: OutgoingMessage[] = [];
  private readonly positions = new Map<string, Position>();
  private readonly poison = new Map<string, string>();
  private readonly fence: Fence;
  private turn: Promise<unknown> = Promise.resolve();
  private failure: unknown;
  private held = false;
  private closing = false;
  private committedAt = performance.now();
  private savedAt = performance.now();
  private lookedAt = 0;
  private identity = '';

  constructor(options: MemberOptions, admin: KafkaAdmin) {
    this.options = options;
    this.admin = admin;
    this.fence = new Fence(options.port, options.topology, options.instance);
    this.status = new Status(options, admin, this.holders);
  }

  async run(): Promise<void> {
    const { port, topology, instance, commitMs } = this.options;
    this.identity = await identityOf(this.admin, topology.changelog);
    // The producer first: its name fences off what an earlier life of this member left open.
    this.transactions = await transactionsOf(port, topology, instance);
    this.consumer = await this.join();
    while (!this.options.stopped()) {
      // Between two polls: what a poll gave that was under way meanwhile lies behind where the lane goes on, and not from there.
      for (const holder of this.restored.splice(0)) await this.alone(() => this.start(holder));
      const wait = this.committedAt + commitMs - performance.now();
      const polled = await this.poll(this.consumer, Math.max(1, Math.min(wait, POLL_MS)));
      if (polled === undefined) continue;
      const { messages, ends } = polled;
      await this.alone(() => this.step(messages, ends));
      await this.status.publish();
      if (this.failure !== undefined) throw this.failure;
      if (this.options.untilEnd && (await this.everythingEnded())) break;
    }
    await this.alone(() => this.checkpoint());
    await this.status.publish(true);
  }

  private join(): Promise<KafkaConsumer> {
    const { port, topology, instance } = this.options;
    return port.join({
      group: topology.app,
      topics: topology.subscribed,
      instance,
      assignments: {
        assigned: (partitions) => this.alone(() => this.assigned(partitions)),
        revoked: (partitions) => this.alone(() => this.revoked(partitions)),
        lost: (partitions) => this.alone(() => this.lost(partitions)),
      },
    });
  }

  /** @returns undefined while an earlier life of this member, which was killed, still holds its name: joined again, nothing else */
  private async poll(consumer: KafkaConsumer, waitMs: number): Promise<Polled | undefined> {
    try {
      return await consumer.poll(POLL_MAX, waitMs);
    } catch (error) {
      if (!(error instanceof KafkaFailure) || error.kind !== 'held' || this.holders.size > 0) throw error;
      const { instance, onTrouble } = this.options;
      if (!this.held)
        onTrouble(
          `the broker still holds the name "${instance}" for an earlier process of that name, which did not say that it ended; ` +
            'waiting until the session timeout has passed',
        );
      this.held = true;
      await consumer.close();
      await after(HELD_MS);
      this.consumer = await this.join();
      return undefined;
    }
  }

  async close(): Promise<void> {
    // Leaving the group revokes the lanes: after an error nothing half done may be committed by that.
    this.closing = true;
    this.outgoing = [];
    this.positions.clear();
    for (const holder of this.holders.values()) holder.close();
    this.holders.clear();
    await this.status.close();
    try {
      await this.consumer?.close();
    } finally {
      await this.transactions?.close();
    }
  }

  /** One thing at a time: a rebalance comes in between two turns of the loop, never inside one. */
  private alone<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.turn.then(work);
    this.turn = turn.catch(() => undefined);
    return turn;
  }

  private async step(messages: readonly KafkaMessage[], ends: readonly Position[]): Promise<void> {
    try {
      for (const run of runsOf(messages)) this.handle(run);
      for (const { topic, partition, offset } of ends) this.holders.get(partition)?.caughtUp(topic, offset);
    } catch (error) {
      if (!(error instanceof Poison)) throw error;
      this.poison.set(idOf(error.record), error.why);
      await this.rollBack();
      return;
    }
    await this.flush();
    const now = performance.now();
    if (now - this.committedAt < this.options.commitMs) return;
    this.committedAt = now;
    this.letTimePass();
    if (now - this.savedAt >= CHECKPOINT_MS) await this.checkpoint();
    else await this.commit();
  }

  private letTimePass(): void {
    const { sourceOf, idleMs } = this.options.topology;
    for (const holder of this.holders.values()) {
      if (holder.flow === undefined) continue;
      for (const [topic, source] of sourceOf) if (holder.isSilent(topic, idleMs)) holder.flow.silent(source);
      holder.flow.tick();
    }
  }

  private handle(messages: readonly KafkaMessage[]): void {
    const { topic, partition } = messages[0] as KafkaMessage;
    const holder = this.holders.get(partition);
    const next = holder?.next.get(topic);
    // Read before the lane was put back to where it goes on: it is read once more.
    if (holder?.flow === undefined || next === undefined) return;
    const isFresh = ({ offset }: Position) => offset >= next;
    const fresh = messages.every(isFresh) ? messages : messages.filter(isFresh);
    const last = fresh.at(-1);
    if (last === undefined) return;
    const source = this.options.topology.sourceOf.get(topic);
    let done = 0;
    // Almost all messages are plain records, handed on together without a copy of the list.
    const consume = (to: number) => {
      if (to > done) holder.flow?.consume(to - done === fresh.length ? fresh : fresh.slice(done, to));
      done = to + 1;
    };
    fresh.forEach((message, at) => {
      const why = this.poison.size > 0 ? this.poison.get(idOf(message)) : undefined;
      const isEnd = source !== undefined && END_HEADER in message.headers;
      if (why === undefined && !isEnd) return;
      consume(at);
      if (why === undefined) holder.flow?.end(source as string);
      else this.reject(message, why);
    });
    consume(fresh.length);
    this.status.handled(fresh.length);
    holder.heard(topic, last.offset + 1);
    this.positions.set(`${topic} ${partition}`, { topic, partition, offset: last.offset + 1 });
  }

  private reject(message: KafkaMessage, why: string): void {
    this.status.rejected(1);
    this.outgoing.push(deadLetterOf(message, why, this.options.topology));
  }

  private async flush(): Promise<void> {
    if (this.outgoing.length === 0) return;
    const transactions = this.transactions as KafkaTransactions;
    const { outgoing } = this;
    this.outgoing = [];
    if (!this.open) await transactions.begin();
    this.open = true;
    for (const message of outgoing) while (!transactions.send(message)) await transactions.drain();
  }

  /**
   * Commits what was handled: outputs, moved records, changed states and positions together.
   * @param always though there is nothing new
   * @returns false when it was undone
   */
  private async commit(always = false): Promise<boolean> {
    const { changelog } = this.options.topology;
    for (const holder of this.holders.values()) {
      holder.flow?.announce();
      for (const { id, bytes } of holder.changes())
        this.outgoing.push({ topic: changelog, partition: holder.lane, key: id, value: bytes });
      this.markEnd(holder);
    }
    if (!always && this.outgoing.length === 0 && this.positions.size === 0) return true;
    // A position of every lane: a member whose place was taken cannot commit anything in its name.
    for (const holder of this.holders.values()) this.addPosition(holder);
    const started = performance.now();
    try {
      await this.flush();
      const transactions = this.transactions as KafkaTransactions;
      if (!this.open) await transactions.begin();
      this.open = true;
      await this.persist(() =>
        transactions.commit(
          [...this.positions.values()].map((at) => this.withNote(at)),
          this.consumer as KafkaConsumer,
        ),
      );
    } catch (error) {
      if (!(error instanceof KafkaFailure) || error.kind !== 'abort') throw error;
      this.options.onTrouble(`${error.message}; undone, done again`);
      await this.rollBack();
      return false;
    }
    this.open = false;
    this.positions.clear();
    for (const holder of this.holders.values()) holder.committed();
    this.status.committed(performance.now() - started);
    return true;
  }

  private persist(work: () => Promise<void>): Promise<void> {
    return persist(work, { stopped: () => this.closing });
  }

  /** Forgets what was not committed: states come back from the changelog, messages are read again. */
  private async rollBack(): Promise<void> {
    this.outgoing = [];
    this.positions.clear();
    const own = [...this.holders.values()].filter(({ complete }) => complete);
    for (const holder of own) {
      this.consumer?.pause([...holder.owned.values()]);
      holder.discard();
    }
    if (this.open) await this.persist(() => (this.transactions as KafkaTransactions).abort());
    this.open = false;
    for (const holder of own) this.prepare(holder);
  }

  private async assigned(partitions: readonly TopicPartition[]): Promise<readonly Position[]> {
    if (this.closing) return [];
    const positions = await startOf(this.admin, this.consumer as KafkaConsumer, partitions);
    // Before any holder is made: a local store of another changelog would be wiped, and nobody knows yet what it is worth.
    checkChangelog(positions, this.options.topology.changelog, this.identity);
    for (const at of partitions) {
      const holder = this.holders.get(at.partition) ?? this.newHolder(at.partition);
      holder.owned.set(at.topic, { topic: at.topic, partition: at.partition });
      if (holder.complete) this.prepare(holder);
    }
    return positions;
  }

  private async revoked(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.closing) return;
    await this.checkpoint();
    this.drop(partitions);
  }

  private async lost(partitions: readonly TopicPartition[]): Promise<void> {
    if (this.closing) return;
    this.drop(partitions);
    await this.rollBack();
  }

  private drop(partitions: readonly TopicPartition[]): void {
    for (const { topic, partition } of partitions) {
      const holder = this.holders.get(partition);
      holder?.owned.delete(topic);
      if (holder !== undefined && !holder.complete) holder.discard();
      if (holder?.owned.size !== 0) continue;
      holder.close();
      this.holders.delete(partition);
    }
  }

  private newHolder(lane: number): LaneHolder {
    const { port, topology, codec, folder, hot, drop, onTrouble } = this.options;
    const holder = new LaneHolder({
      port,
      admin: this.admin,
      topology,
      lane,
      identity: this.identity,
      codec,
      drop,
      onTrouble,
      ...(folder !== undefined && { folder }),
      ...(hot !== undefined && { hot }),
      lanes: () => Math.max(1, this.holders.size),
      now: () => Date.now(),
      send: (message) => this.outgoing.push(message),
      reject: (message, why) => this.reject(message, why),
      heldUp: () => this.fence.predecessor(lane, this.consumer as KafkaConsumer),
    });
    this.holders.set(lane, holder);
    return holder;
  }

  /** Restores a lane beside the loop; its partitions stay paused until it is done. */
  private prepare(holder: LaneHolder): void {
    holder
      .restore()
      .then((done) => done && this.restored.push(holder))
      .catch((error: unknown) => {
        if (!holder.cancelled) this.failure ??= error;
      });
  }

  private async start(holder: LaneHolder): Promise<void> {
    const { consumer } = this;
    if (!holder.isRestored || consumer === undefined) return;
    const owned = [...holder.owned.values()];
    const positions = await startOf(this.admin, consumer, owned);
    if (holder.hasStates) checkPositions(positions, this.options.topology.changelog);
    const ended: string[] = [];
    for (const at of positions) {
      await consumer.seek(at);
      holder.heard(at.topic, at.offset);
      const source = this.options.topology.sourceOf.get(at.topic);
      if (source !== undefined && decodeNote(at.metadata).state !== 'open') ended.push(source);
    }
    holder.begin(ended);
    consumer.resume(owned);
  }

  /**
   * Commits, and saves local stores with where the changelog ended then. A second commit has to go through between the two: this
   * process may have been stopped for a while, and what another that took a lane over wrote there since is not in the store.
   */
  private async checkpoint(): Promise<void> {
    this.savedAt = performance.now();
    await this.commit();
    const own = [...this.holders.values()].filter(({ flow, dirty }) => flow !== undefined && dirty);
    if (own.length === 0) return;
    const { changelog: topic } = this.options.topology;
    if ((await identityOf(this.admin, topic)) !== this.identity) throw changelogGone(topic);
    const ends = await this.admin.ends(
      own.map(({ changelog }) => changelog),
      'all',
    );
    if (!(await this.commit(true))) return;
    for (const holder of own) {
      const end = ends.find(({ partition }) => partition === holder.lane);
      if (end !== undefined) holder.save(end);
    }
  }

  /** A lane that has come to its end says so once more with all its positions. */
  private markEnd(holder: LaneHolder): void {
    if (holder.flow?.finished !== true || holder.saidFinished) return;
    holder.saidFinished = true;
    for (const [topic, offset] of holder.next)
      this.positions.set(`${topic} ${holder.lane}`, { topic, partition: holder.lane, offset });
  }

  /** Of the same topic for all, so that it always tells who had the lane last. */
  private addPosition({ flow, next, lane }: LaneHolder): void {
    const topic = this.options.topology.subscribed[0] as string;
    const offset = next.get(topic);
    if (flow === undefined || offset === undefined) return;
    this.positions.set(`${topic} ${lane}`, { topic, partition: lane, offset });
  }

  private withNote(at: Position): Position {
    const flow = this.holders.get(at.partition)?.flow;
    const source = this.options.topology.sourceOf.get(at.topic);
    const ended = source !== undefined && flow?.hasEndedSource(source) === true;
    const state: Note['state'] = flow?.finished === true ? 'done' : ended ? 'ended' : 'open';
    const { instance } = this.options;
    return { ...at, metadata: encodeNote({ state, instance, changelog: this.identity }) };
  }

  /** Whether every lane of the flow, whoever has it, has come to its end. */
  private async everythingEnded(): Promise<boolean> {
    const now = performance.now();
    const own = [...this.holders.values()];
    if (now - this.lookedAt < LOOK_MS || own.some(({ flow }) => flow?.finished !== true)) return false;
    this.lookedAt = now;
    const { subscribed, lanes } = this.options.topology;
    const all = subscribed.flatMap((topic) =>
      Array.from({ length: lanes }, (_, partition) => ({ topic, partition })),
    );
    const committed = await (this.consumer as KafkaConsumer).committed(all);
    const done = new Set(
      committed
        .filter(({ metadata }) => decodeNote(metadata).state === 'done')
        .map(({ partition }) => partition),
    );
    return done.size === lanes;
  }
}

function idOf({ topic, partition, offset }: Position): string {
  return `${topic} ${partition} ${offset}`;
}
