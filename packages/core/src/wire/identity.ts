/**
 * Who a reading comes from: device + incarnation + sequence.
 *
 * The incarnation is drawn at random when an agent's buffer is made, so that a reinstalled device never repeats an
 * identity. A sequence is one integer that only grows; each start of the agent takes the next block of it, so that a log whose
 * end was lost never gives a number a second time.
 */
import { LinnetError } from '../base/error.ts';

/** Sequences a start of the agent has before it runs on into the next block. */
export const BLOCK = 2 ** 28;
export const DEVICE_BYTES_MAX = 64;
export const INCARNATION_BYTES = 8;
const DEVICE = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const INCARNATION = /^[0-9a-f]{16}$/;

/** @throws LinnetError `config.invalid` for an id that could be a topic level of its own or a wildcard */
export function checkDevice(id: string): string {
  // A caller without types may give none: `undefined` would match as a text.
  if (typeof id === 'string' && DEVICE.test(id)) return id;
  throw new LinnetError(
    'config.invalid',
    `${JSON.stringify(id) ?? 'undefined'} is no device id: 1 to 64 of A-Z a-z 0-9 . _ -, beginning with a letter or digit`,
  );
}

export function isDevice(id: string): boolean {
  return DEVICE.test(id);
}

export function isIncarnation(text: string): boolean {
  return INCARNATION.test(text);
}

/** The first sequence of the block after the one that holds `sequence`. */
export function nextBlock(sequence: number): number {
  return (Math.floor(sequence / BLOCK) + 1) * BLOCK;
}

/** Topics of one device, by the scheme that the server's access rules know (`tele/%u/#`, `cmd/%u/#`). */
export interface DeviceTopics {
  readonly data: string;
  readonly status: string;
  readonly acks: string;
}

/** @param pattern topic of the data with `{id}` in the place of the device */
export function deviceTopics(id: string, pattern = 'tele/{id}'): DeviceTopics {
  const data = pattern.replaceAll('{id}', id);
  if (data === '' || data.length > 1024 || /[+#\0]|^\$|^\/|\/$/.test(data)) {
    throw new LinnetError(
      'config.invalid',
      `${JSON.stringify(pattern)} is no topic to publish to: no + # or NUL, not beginning with $ or /`,
    );
  }
  return { data, status: `${data}/status`, acks: `cmd/${id}/ack` };
}
