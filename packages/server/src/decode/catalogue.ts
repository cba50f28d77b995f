/** Every payload format, by the name that the mapping gives it. A new one is a file beside this one, and a line here. */
import { auto } from './auto.ts';
import type { Decoder } from './decoder.ts';
import { jsonObject } from './json-object.ts';
import { oneNumber } from './one-number.ts';

export const decoders: ReadonlyMap<string, Decoder> = new Map(
  [auto, jsonObject, oneNumber].map((decoder) => [decoder.name, decoder]),
);
