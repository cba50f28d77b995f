/** A connection over a thin and unsteady link: in order, late, and gone at any moment, with or without a word. */
import type { Packet } from 'mqtt-packet';
import type { Timeline } from './timeline.ts';

export interface Ends {
  /** What reaches the broker, and the device. */
  toBroker(packet: Packet): void;
  toDevice(packet: Packet): void;
  /** Told to each end when it notices. */
  closedAtBroker(): void;
  closedAtDevice(): void;
}

export class Connection {
  private readonly timeline: Timeline;
  private readonly ends: Ends;
  private readonly latencyMs: number;
  private readonly bandwidth: number;
  private alive = true;
  /** When the link has carried what was given to it, by direction. */
  private free = { up: 0, down: 0 };

  constructor(timeline: Timeline, ends: Ends, latencyMs: number, bandwidth: number) {
    this.timeline = timeline;
    this.ends = ends;
    this.latencyMs = latencyMs;
    this.bandwidth = bandwidth;
  }

  up(packet: Packet): void {
    this.carry('up', packet, () => this.ends.toBroker(packet));
  }

  down(packet: Packet): void {
    this.carry('down', packet, () => this.ends.toDevice(packet));
  }

  /** What is under way is lost. Each end is told, or finds out by itself. */
  cut(deviceNotices: boolean, brokerNotices: boolean): void {
    if (!this.alive) return;
    this.alive = false;
    if (deviceNotices) this.timeline.after(0, () => this.ends.closedAtDevice());
    if (brokerNotices) this.timeline.after(0, () => this.ends.closedAtBroker());
  }

  private carry(direction: 'up' | 'down', packet: Packet, arrive: () => void): void {
    const start = Math.max(this.timeline.now, this.free[direction]);
    this.free[direction] = start + (sizeOf(packet) / this.bandwidth) * 1000;
    this.timeline.after(this.free[direction] + this.latencyMs - this.timeline.now, () => {
      if (this.alive) arrive();
    });
  }
}

function sizeOf(packet: Packet): number {
  return 10 + (packet.cmd === 'publish' ? packet.topic.length + packet.payload.length : 0);
}
