import type { DatabaseSync } from 'node:sqlite';
import type { Graph } from '@linnet/core';
import { isSink, isSource, type Checkpoint } from '@linnet/core/engine';
import { changed, type ChangeOptions } from './flow-changes.ts';
import { blobCrc } from './row-checks.ts';

interface Waiting {
  readonly sink: string;
  readonly epoch: number;
  readonly items: Uint8Array;
}

/** Ids of the sources and sinks of which the store knows something that would be lost without them. */
export function storedEnds(database: DatabaseSync, checkpoint: Checkpoint | null): string[] {
  const sinks = database.prepare('SELECT DISTINCT sink FROM outbox').all() as { sink: string }[];
  return [...sourcesOf(checkpoint), ...sinks.map(({ sink }) => sink)];
}

/**
 * Gives what is known of sources (how far they were read) and what waits for sinks to those of this flow. In the caller's transaction.
 * @returns the checkpoint as this flow has it
 * @throws LinnetError `flow.changed` where records would be read again, or never be delivered, without a word
 */
export function adoptEnds(
  database: DatabaseSync,
  graph: Graph,
  options: ChangeOptions,
  checkpoint: Checkpoint | null,
): Checkpoint | null {
  const steps = [...graph.steps.values()];
  const sources = new Set(steps.filter(isSource).map(({ id }) => id));
  const sinks = new Set(steps.filter(isSink).map(({ id }) => id));
  const successors = new Map(
    sourcesOf(checkpoint).map((id) => [id, successor(id, sources, options, 'how far source', 'was read')]),
  );
  const rows = database.prepare('SELECT sink, epoch, items FROM outbox').all() as unknown as Waiting[];
  const put = database.prepare('UPDATE outbox SET sink = ?, crc = ? WHERE sink = ? AND epoch = ?');
  for (const { sink, epoch, items } of rows) {
    const to = successor(sink, sinks, options, 'records that wait for sink', '');
    if (to === undefined) database.prepare('DELETE FROM outbox WHERE sink = ?').run(sink);
    else if (to !== sink) put.run(to, blobCrc(`${to} ${epoch}`, items), sink, epoch);
  }
  const isSame = [...successors].every(([id, to]) => id === to);
  return checkpoint === null || isSame ? checkpoint : renamed(checkpoint, successors);
}

function successor(
  id: string,
  ids: ReadonlySet<string>,
  { rename = {}, drop = [] }: ChangeOptions,
  what: string,
  tail: string,
): string | undefined {
  if (drop.includes(id)) return undefined;
  const to = rename[id] ?? id;
  if (ids.has(to)) return to;
  const holds = `the store holds ${what} "${id}"${tail === '' ? '' : ` ${tail}`}`;
  throw changed(
    to === id
      ? `${holds}, which the flow does not have; if it was renamed add --rename ${id}=NEW, if it is gone add --drop ${id}`
      : `${holds}, but the flow has none of the name "${to}" to give it to: ${[...ids].join(', ')}`,
  );
}

function renamed(checkpoint: Checkpoint, successors: ReadonlyMap<string, string | undefined>): Checkpoint {
  const move = <T>(values: Readonly<Record<string, T>>): Record<string, T> =>
    Object.fromEntries(
      Object.entries(values).flatMap(([id, value]) => {
        const to = successors.get(id);
        return to === undefined ? [] : [[to, value] as const];
      }),
    );
  const { reached = {} } = checkpoint;
  const sets = Object.entries(reached).map(([name, mark]) => {
    const ids = name.split(' ').flatMap((id) => successors.get(id) ?? []);
    return [ids.toSorted().join(' '), mark] as const;
  });
  return {
    ...checkpoint,
    offsets: move(checkpoint.offsets),
    watermarks: move(checkpoint.watermarks),
    reached: Object.fromEntries(sets),
  };
}

function sourcesOf(checkpoint: Checkpoint | null): string[] {
  return [
    ...new Set([...Object.keys(checkpoint?.offsets ?? {}), ...Object.keys(checkpoint?.watermarks ?? {})]),
  ];
}
