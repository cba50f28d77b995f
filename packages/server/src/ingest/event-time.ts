import { ageMs, type Frame, type FrameRecord } from '@linnet/core/wire';

/** A device's clock may be off by that much and still be believed. */
export const CLOCK_TOLERANCE_MS = 300_000;
/** 2000-01-01: a clock before it was never set. */
const EARLIEST = 946_684_800_000;

/**
 * When a reading was made, epoch ms, and whether the device's own stamp could be believed.
 *
 * Within one start of the agent its monotonic clock says how old a reading is, whatever became of the wall clock; where that
 * contradicts the stamp the server's clock minus that age counts. Across a restart only the stamp is left: one in the future, or
 * of a clock that was never set, is replaced by the time of receipt.
 * @param delayMaxMs how long a broker may have kept the frame: it looks as if the device's clock were behind by that
 */
export function eventTime(
  frame: Frame,
  record: FrameRecord,
  receivedAt: number,
  toleranceMs = CLOCK_TOLERANCE_MS,
  delayMaxMs = 0,
): { time: number; believed: boolean } {
  const age = ageMs(frame, record);
  if (age.exact) {
    const time = receivedAt - age.ms;
    const ahead = record.at - time;
    const believed = ahead <= toleranceMs && -ahead <= toleranceMs + delayMaxMs;
    return believed ? { time: record.at, believed } : { time, believed };
  }
  return stampTime(record.at, receivedAt, toleranceMs);
}

/** The same for a stamp that comes alone. */
export function stampTime(
  stamp: number,
  receivedAt: number,
  toleranceMs = CLOCK_TOLERANCE_MS,
): { time: number; believed: boolean } {
  const believed = stamp >= EARLIEST && stamp <= receivedAt + toleranceMs;
  return { time: believed ? stamp : receivedAt, believed };
}
