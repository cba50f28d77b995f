import { LinnetError } from '@linnet/core/base';
import type { Decoder } from './decoder.ts';
import { utf8 } from './utf8.ts';

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i;
const BYTES_MAX = 64;

/** One decimal number as text, `21.5`; its topic says of what. `true` and `on` are 1, `false` and `off` 0. */
export const oneNumber: Decoder = {
  name: 'number',
  summary: 'one decimal number; the topic says what it measures',
  decode(payload, metric, sink) {
    const text = payload.length > BYTES_MAX ? '' : utf8(payload);
    if (NUMBER.test(text)) return sink.number(metric, Number(text));
    const word = text.trim().toLowerCase();
    if (word === 'true' || word === 'on') return sink.number(metric, 1);
    if (word === 'false' || word === 'off') return sink.number(metric, 0);
    throw new LinnetError('data.invalid', 'a payload is no number');
  },
};
