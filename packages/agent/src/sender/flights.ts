/** Frames under way: sent, and not yet acknowledged by the server. */
import { RangeSet, runsOf, type FrameRecord, type Run } from '@linnet/core/wire';

export interface Flight {
  readonly packetId: number;
  readonly live: boolean;
  readonly runs: readonly Run[];
  readonly sentAt: number;
  /** When its readings were recorded, monotonic ms; of a live frame alone. */
  readonly recordedAt: readonly number[];
  /** When the broker answered for it: from then on the server's acknowledgement is due. */
  answeredAt: number;
}

export class Flights {
  /** Sequences under way. */
  private readonly sequences = new RangeSet();
  private flights: Flight[] = [];
  /** QoS 1 messages that the broker has not answered; their ids must not be given again. */
  private readonly unanswered = new Set<number>();
  private lastId = 0;

  get count(): number {
    return this.flights.length;
  }

  get unansweredCount(): number {
    return this.unanswered.size;
  }

  get backlogCount(): number {
    return this.flights.reduce((count, flight) => count + (flight.live ? 0 : 1), 0);
  }

  /** When the oldest frame counts as lost: `afterAnswer` the broker's answer, and in any case `afterSending`. */
  dueAt(afterAnswer: number, afterSending: number): number {
    const oldest = this.flights[0];
    if (oldest === undefined) return Infinity;
    return Math.min(oldest.answeredAt + afterAnswer, oldest.sentAt + afterSending);
  }

  has(sequence: number): boolean {
    return this.sequences.has(sequence);
  }

  /** @returns an id that no unanswered message has */
  nextId(): number {
    do this.lastId = (this.lastId % 65_535) + 1;
    while (this.unanswered.has(this.lastId));
    return this.lastId;
  }

  /** @param qos 0 gets no answer from the broker */
  add(packetId: number, qos: 0 | 1, live: boolean, records: readonly FrameRecord[], sentAt: number): void {
    const runs = runsOf(records.map((record) => record.sequence));
    for (const [first, last] of runs) this.sequences.add(first, last);
    const recordedAt = live ? records.map(({ mono }) => mono) : [];
    const answeredAt = qos === 0 ? sentAt : Infinity;
    this.flights.push({ packetId, live, runs, sentAt, recordedAt, answeredAt });
    if (qos === 1) this.unanswered.add(packetId);
  }

  answered(packetId: number, now: number): void {
    this.unanswered.delete(packetId);
    const flight = this.flights.find((one) => one.packetId === packetId);
    if (flight !== undefined) flight.answeredAt = now;
  }

  /** @returns the frames that are now acknowledged in whole */
  ack(runs: readonly Run[]): Flight[] {
    for (const [first, last] of runs) this.sequences.remove(first, last);
    const done = this.flights.filter((flight) =>
      flight.runs.every((run) => this.sequences.countIn(...run) === 0),
    );
    if (done.length > 0) this.flights = this.flights.filter((flight) => !done.includes(flight));
    return done;
  }

  /** Forgets every frame; ids that wait for the broker's answer stay taken unless the connection is gone. */
  clear(connectionGone: boolean): void {
    this.flights = [];
    this.sequences.clear();
    if (connectionGone) this.unanswered.clear();
  }
}
