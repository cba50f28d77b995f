/** What the agent counts; published to the server too. */
import type { DetectState } from './detect/by-field.ts';
import type { Log, LogCounters } from './log/log.ts';
import type { Recorder } from './log/recorder.ts';
import type { Sender } from './sender/sender.ts';

/** `recovered + recorded = acked + pending + dropped.evicted + dropped.oversize`, always; counted since the start. */
export interface AgentStats {
  /** On disk and resolved since the start. */
  readonly recorded: number;
  /** Found on disk at the start. */
  readonly recovered: number;
  /** Readings sent, a second time counted again. */
  readonly sent: number;
  /** Stored by the server, and gone from the disk. */
  readonly acked: number;
  /** On disk, not yet acknowledged. */
  readonly pending: number;
  /** Waiting for the disk: not recorded yet. */
  readonly waiting: number;
  readonly dropped: LogCounters['dropped'] & { readonly invalid: number };
  readonly refused: number;
  readonly diskErrors: number;
  readonly bufferBytes: number;
  /** Files in the buffer that are not this agent's, or cannot be read: left alone. */
  readonly setAside: number;
  readonly connected: boolean;
  readonly connects: number;
  readonly mqtt: '5' | '3.1.1';
  /** Server's clock minus the device's, ms. */
  readonly clockOffsetMs?: number;
  readonly lastError?: string;
  /** Of the detector that was asked for by name. */
  readonly detect?: DetectState;
}

export function statsOf(
  log: Log,
  recorder: Recorder,
  sender: Sender,
  invalid: number,
  detect?: DetectState,
): AgentStats {
  const { acked, recovered, dropped, diskErrors } = log.counters;
  return {
    recorded: recorder.recorded,
    recovered,
    sent: sender.sent,
    acked,
    pending: log.pending,
    waiting: recorder.waiting,
    dropped: { ...dropped, invalid },
    refused: sender.refused,
    diskErrors,
    bufferBytes: log.bytes,
    setAside: log.setAside.length,
    connected: sender.connected,
    connects: sender.connects,
    mqtt: sender.mqttVersion === 5 ? '5' : '3.1.1',
    ...(sender.clockOffsetMs !== undefined && { clockOffsetMs: sender.clockOffsetMs }),
    ...(sender.lastError !== undefined && { lastError: sender.lastError }),
    ...(detect !== undefined && { detect }),
  };
}
