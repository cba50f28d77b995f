/** When a device has been silent for longer than its own rhythm explains. */
import type { DeviceState } from '../ingest/device-state.ts';

const GAPS_MIN = 8;
const WEIGHT = 1 / 8;
/** Below this a pause is a matter of the network. */
const PAUSE_MS_MIN = 5000;

/** Learns how often a device speaks: mean and mean deviation of its pauses, as TCP learns a round trip (RFC 6298). */
export function learnPause(device: DeviceState, now: number): void {
  const pause = now - device.lastSeen;
  // Messages of one burst are one.
  if (pause < 20 || device.silentSince !== null) return;
  if (device.pauses === 0) {
    device.pauseMs = pause;
    device.pauseDeviationMs = pause / 2;
  } else {
    device.pauseDeviationMs += WEIGHT * 2 * (Math.abs(pause - device.pauseMs) - device.pauseDeviationMs);
    device.pauseMs += WEIGHT * (pause - device.pauseMs);
  }
  device.pauses++;
}

/** How long the device may be silent, ms; Infinity while its rhythm is not known. */
export function silentAfterMs({ pauses, pauseMs, pauseDeviationMs }: DeviceState): number {
  return pauses < GAPS_MIN ? Infinity : Math.max(PAUSE_MS_MIN, 3 * (pauseMs + 4 * pauseDeviationMs));
}
