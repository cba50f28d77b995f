/**
 * Watches the bytes of a connection before they are parsed: what is too long is known from its first bytes, and is never gathered.
 *
 * It follows the packets by their lengths (MQTT's fixed header) and looks at nothing else.
 */
export interface GuardLimits {
  /** Bytes that a connection may send before it is let in. */
  readonly connectBytesMax: number;
  /** Bytes of a packet after that. */
  readonly packetBytesMax: number;
}

const CONNECT = 0x10;

export class PacketGuard {
  private readonly limits: GuardLimits;
  private accepted = false;
  private first = true;
  private total = 0;
  /** Bytes of the packet at hand that are still to come; -1 while its header is. */
  private left = -1;
  private type = -1;
  private length = 0;
  private shift = 0;

  constructor(limits: GuardLimits) {
    this.limits = limits;
  }

  /** The connection has been let in. */
  accept(): void {
    this.accepted = true;
  }

  /** @returns what is wrong with the bytes, if anything; nothing may be read after that */
  push(bytes: Uint8Array): string | undefined {
    if (!this.accepted) {
      this.total += bytes.length;
      if (this.total > this.limits.connectBytesMax) return 'too many bytes before it was let in';
    }
    for (let at = 0; at < bytes.length;) {
      if (this.left > 0) {
        const skipped = Math.min(this.left, bytes.length - at);
        this.left -= skipped;
        at += skipped;
      } else {
        const wrong = this.header(bytes[at++] as number);
        if (wrong !== undefined) return wrong;
      }
    }
    return undefined;
  }

  private header(byte: number): string | undefined {
    if (this.type < 0 || this.left === 0) {
      if (this.first && byte !== CONNECT) return 'does not begin with CONNECT';
      this.type = byte;
      [this.left, this.length, this.shift] = [-1, 0, 0];
      return undefined;
    }
    this.length += (byte & 0x7f) * 2 ** this.shift;
    this.shift += 7;
    const most = this.first ? this.limits.connectBytesMax : this.limits.packetBytesMax;
    if (this.length > most) return `packet of more than ${most} bytes`;
    if (byte < 0x80) {
      this.left = this.length;
      this.first = false;
      return undefined;
    }
    return this.shift === 28 ? 'packet length of more than 4 bytes' : undefined;
  }
}
