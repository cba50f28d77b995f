import { applyMessage } from './apply.ts';
import { BitReader } from './message/bits.ts';
import { openMessage, readDigest } from './message/messages.ts';
import { skipSnapshotHead } from './message/snapshot.ts';
import type { Track, TrackState } from './track.ts';

/**
 * The latest messages, and the state before the first of them: whatever the cloud lost is sent again, and the state at any of
 * them is found by going through them as the cloud does.
 */
export class Resend {
  private readonly keep: number;
  private readonly messages: { readonly sequence: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  private baseSequence: number;
  private base: TrackState;

  /** @param keep how many messages at least, once there are so many */
  constructor(keep: number, sequence: number, base: TrackState) {
    this.keep = keep;
    this.baseSequence = sequence;
    this.base = base;
  }

  /** @param scratch a track of the link, to go through messages with */
  push(sequence: number, bytes: Uint8Array<ArrayBuffer>, scratch: Track): void {
    this.messages.push({ sequence, bytes });
    if (this.messages.length <= this.keep * 2) return;
    const cut = this.messages.length - this.keep;
    this.base = this.stateAfter((this.messages[cut - 1] as { sequence: number }).sequence, scratch);
    this.baseSequence = (this.messages[cut - 1] as { sequence: number }).sequence;
    this.messages.splice(0, cut);
  }

  /** The oldest sequence that can be sent again. */
  get first(): number {
    return this.baseSequence + 1;
  }

  /** Messages from a sequence on. */
  from(sequence: number): Uint8Array<ArrayBuffer>[] {
    return this.messages.filter((message) => message.sequence >= sequence).map(({ bytes }) => bytes);
  }

  /** @param sequence not before `first` - 1 */
  stateAfter(sequence: number, scratch: Track): TrackState {
    scratch.restore(this.base);
    for (const message of this.messages) {
      if (message.sequence > sequence) break;
      const { header, reader } = openMessage(message.bytes);
      if (header.kind === 'alert') continue;
      readDigest(reader);
      if (header.kind === 'snapshot') skipSnapshotHead(reader);
      applyMessage(scratch, new BitReader(reader.raw(reader.left)));
    }
    return scratch.save();
  }

  save(): { sequence: number; base: TrackState; messages: readonly Uint8Array<ArrayBuffer>[] } {
    return { sequence: this.baseSequence, base: this.base, messages: this.from(0) };
  }

  restore(sequence: number, base: TrackState, messages: readonly Uint8Array<ArrayBuffer>[]): void {
    this.baseSequence = sequence;
    this.base = base;
    for (const bytes of messages) {
      this.messages.push({ sequence: openMessage(bytes).header.sequence, bytes });
    }
  }
}
