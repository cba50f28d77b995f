import { deserialize, serialize } from 'node:v8';
import type { StateCodec } from '@linnet/core/engine';

/** States of users' functions as V8 writes them: every plain value, Map, Set, Date and typed array; no class keeps its methods. */
export const stateCodec: StateCodec = {
  encode: (value) => new Uint8Array(serialize(value)),
  decode: (bytes) => deserialize(bytes) as unknown,
};
