/** Records of one key that wait until the watermark passes them, in the order of their event time. */
export interface Waiting {
  readonly time: number;
  readonly item: unknown;
}

/** Adds a record behind those of the same time. Records come nearly in order, so the search begins at the end. */
export function enqueue(queue: Waiting[], entry: Waiting): void {
  let at = queue.length;
  while (at > 0 && (queue[at - 1] as Waiting).time > entry.time) at--;
  if (at === queue.length) queue.push(entry);
  else queue.splice(at, 0, entry);
}

/** Takes the records that the watermark has passed or reached. */
export function dequeue(queue: Waiting[], watermark: number): Waiting[] {
  let count = 0;
  while (count < queue.length && (queue[count] as Waiting).time <= watermark) count++;
  return count === 0 ? [] : queue.splice(0, count);
}
