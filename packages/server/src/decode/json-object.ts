import { LinnetError } from '@linnet/core/base';
import { PAYLOAD_BYTES_MAX } from '@linnet/core/wire';
import type { Decoder, FieldSink } from './decoder.ts';
import { utf8 } from './utf8.ts';

const DEPTH_MAX = 8;
const FIELDS_MAX = 256;

/**
 * A JSON object, a reading: `{"temperature": 21.5, "door": {"open": true}}` gives `temperature` 21.5 and `door.open` 1.
 * Texts are kept beside the numbers; null is missing; lists are numbered: `axis.0`.
 */
export const jsonObject: Decoder = {
  name: 'json',
  summary: 'a JSON object: each number is a metric under its key',
  decode(payload, _, sink) {
    if (payload.length > PAYLOAD_BYTES_MAX) {
      throw new LinnetError(
        'data.invalid',
        `a payload has ${payload.length} bytes, at most ${PAYLOAD_BYTES_MAX}`,
      );
    }
    const text = utf8(payload);
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (cause) {
      throw new LinnetError('data.invalid', `a payload is not JSON: ${(cause as Error).message}`, { cause });
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw new LinnetError('data.invalid', 'a payload is JSON, but not an object');
    }
    walk(value, '', 0, sink, { fields: 0 });
  },
};

function walk(
  value: object,
  prefix: string,
  depth: number,
  sink: FieldSink,
  count: { fields: number },
): void {
  if (depth > DEPTH_MAX)
    throw new LinnetError('data.invalid', `a payload is nested deeper than ${DEPTH_MAX}`);
  for (const key in value) {
    // JSON.parse makes it an own key like any other; whoever copies the object makes it a prototype.
    if (key === '__proto__') throw new LinnetError('data.invalid', 'a payload has a key __proto__');
    const inner = (value as Record<string, unknown>)[key];
    const name = prefix === '' ? key : `${prefix}.${key}`;
    if (typeof inner === 'number') sink.number(name, inner);
    else if (typeof inner === 'string') sink.text(name, inner);
    else if (typeof inner === 'boolean') sink.number(name, inner ? 1 : 0);
    else if (typeof inner === 'object' && inner !== null) walk(inner, name, depth + 1, sink, count);
    if (++count.fields > FIELDS_MAX) {
      throw new LinnetError('data.invalid', `a payload has more than ${FIELDS_MAX} fields`);
    }
  }
}
