/** What the server knows of one device; kept in the store, in the transaction that changes it. */
export interface DeviceState {
  /** Readings in the store. */
  stored: number;
  /** Readings that came again and were not stored again. */
  duplicates: number;
  /** Readings that the device recorded and that will never come. */
  gaps: number;
  /** Of `stored`, those that came as backlog. */
  backlog: number;
  /** Frames sent back because one before them was missing. */
  refused: number;
  /** Messages that held no reading. */
  dead: number;
  /** Readings whose stamp was not believed. */
  clockWrong: number;
  firstSeen: number;
  /** The server's clock at the last message. */
  lastSeen: number;
  /** Greatest event time of a reading whose stamp was believed. */
  lastTime: number;
  /** Device's clock minus the server's at the last frame, ms. */
  clockOffsetMs: number | null;
  incarnation: string | null;
  /** What the agent said last, or its last will; null for a device without agent. */
  online: boolean | null;
  /** It said goodbye: its silence is no news. */
  left: boolean;
  /** Its agent waits when an acknowledgement asks it to; absent for one that never said so. */
  waits?: boolean;
  /** Pauses between its messages that were learned, their mean and mean deviation, ms. */
  pauses: number;
  pauseMs: number;
  pauseDeviationMs: number;
  /** Since when it has been silent for longer than it should; null while it is not. */
  silentSince: number | null;
  /** Packets of a plain device that are stored and may come again: packet id and checksum in one number. */
  recent: number[];
  /** What the agent last said it has on disk, and dropped. */
  pending: number;
  /** `stored` when it said so: what came since is pending no more. */
  storedThen: number;
  dropped: number;
}

export function newDevice(now: number): DeviceState {
  return {
    stored: 0,
    duplicates: 0,
    gaps: 0,
    backlog: 0,
    refused: 0,
    dead: 0,
    clockWrong: 0,
    firstSeen: now,
    lastSeen: now,
    lastTime: 0,
    clockOffsetMs: null,
    incarnation: null,
    online: null,
    left: false,
    pauses: 0,
    pauseMs: 0,
    pauseDeviationMs: 0,
    silentSince: null,
    recent: [],
    pending: 0,
    storedThen: 0,
    dropped: 0,
  };
}
