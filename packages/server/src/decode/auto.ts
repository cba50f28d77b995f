import type { Decoder } from './decoder.ts';
import { jsonObject } from './json-object.ts';
import { oneNumber } from './one-number.ts';

const SPACES = new Set([0x20, 0x09, 0x0a, 0x0d]);
const BRACE = 0x7b;
const BRACKET = 0x5b;
const QUOTE = 0x22;

/** JSON where it begins like JSON, else one number: what an unmapped topic gets. */
export const auto: Decoder = {
  name: 'auto',
  summary: 'a JSON object or one number, as the payload begins',
  decode(payload, metric, sink) {
    const first = payload.find((byte) => !SPACES.has(byte));
    const isJson = first === BRACE || first === BRACKET || first === QUOTE;
    (isJson ? jsonObject : oneNumber).decode(payload, metric, sink);
  },
};
