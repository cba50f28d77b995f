import type { Key } from '@linnet/core/engine';

/** What a record of the changelog is about: a key's state in a step, or a stage's watermarks. */
export type StateId = { readonly step: string; readonly key: Key } | { readonly watermarks: string };

/** Step ids hold no NUL, so that the parts cannot run into each other. */
export function encodeStateId(id: StateId): string {
  if ('watermarks' in id) return `\0${id.watermarks}`;
  return `${id.step}\0${typeof id.key === 'number' ? 'n' : 's'}${id.key}`;
}

export function decodeStateId(text: string): StateId {
  const at = text.indexOf('\0');
  if (at === 0) return { watermarks: text.slice(1) };
  const key = text.slice(at + 2);
  return { step: text.slice(0, at), key: text[at + 1] === 'n' ? Number(key) : key };
}
