import type { World } from './world.ts';

/** A file that is appended to. A crash loses or tears what was not synced. */
export class Disk {
  private readonly world: World;
  private bytes: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  private synced = 0;

  constructor(world: World) {
    this.world = world;
  }

  append(more: Uint8Array): void {
    this.world.effect('disk write');
    const grown = new Uint8Array(this.bytes.length + more.length);
    grown.set(this.bytes);
    grown.set(more, this.bytes.length);
    this.bytes = grown;
  }

  sync(): void {
    this.world.effect('disk sync');
    this.synced = this.bytes.length;
  }

  read(): Uint8Array<ArrayBuffer> {
    return this.bytes;
  }

  /** Cuts off what is no whole record. */
  truncate(length: number): void {
    this.bytes = this.bytes.slice(0, length);
    this.synced = length;
  }

  /** What is left after a crash: all that was synced, and perhaps a part of the rest, perhaps with a wrong byte. */
  crash(): void {
    const { chance } = this.world;
    const kept = this.synced + chance.int(this.bytes.length - this.synced + 1);
    this.bytes = this.bytes.slice(0, kept);
    if (kept > this.synced && chance.holds(0.5)) {
      const at = this.synced + chance.int(kept - this.synced);
      this.bytes[at] = (this.bytes[at] as number) ^ (1 << chance.int(8));
    }
  }
}
