import { LinnetError } from '@linnet/core';
import type { Position } from './port.ts';

/** What is committed with a position, as its metadata: whether the input there has ended, who committed it, and beside which state. */
export interface Note {
  /** `ended`: the input topic; `done`: everything that the lane had open, too. */
  readonly state: 'open' | 'ended' | 'done';
  readonly instance: string;
  /** What tells the changelog that the position belongs to from another of its name; empty where a version before said nothing. */
  readonly changelog: string;
}

const NOTE = /^(open|ended|done) ([^\n]*)(?:\n(.*))?$/s;

export function encodeNote({ state, instance, changelog }: Note): string {
  return `${state} ${instance}\n${changelog}`;
}

/** A position that something else committed says nothing. */
export function decodeNote(metadata: string | undefined): Note {
  const [, state, instance = '', changelog = ''] = NOTE.exec(metadata ?? '') ?? [];
  return { state: (state ?? 'open') as Note['state'], instance, changelog };
}

/**
 * Positions and states are committed together: one without the other is worth nothing.
 * @throws LinnetError `flow.changed` where the changelog is not the one beside which a position was committed
 */
export function checkChangelog(positions: readonly Position[], changelog: string, identity: string): void {
  const notes = positions.map(({ metadata }) => decodeNote(metadata));
  if (notes.some((note) => note.changelog !== '' && note.changelog !== identity))
    throw changelogGone(changelog);
}

export function changelogGone(changelog: string): LinnetError {
  return new LinnetError(
    'flow.changed',
    `topic ${changelog} was deleted or made anew since the flow committed there: its states are gone, ` +
      `and going on would begin each of them anew in silence. ${anew(changelog)}`,
  );
}

/**
 * @param positions of a lane that has states
 * @throws LinnetError `flow.changed` where none of them was committed with states
 */
export function checkPositions(positions: readonly Position[], changelog: string): void {
  if (positions.some(({ metadata }) => NOTE.test(metadata ?? ''))) return;
  const [at] = positions;
  throw new LinnetError(
    'flow.changed',
    `the group has no positions of the flow in partition ${at?.partition} of ${at?.topic} any more (Kafka forgets those of a group that nobody was in for ` +
      `offsets.retention.minutes, a week by default), but ${changelog} has states: reading the input again would count it into them a second time. ${anew(changelog)}`,
  );
}

function anew(changelog: string): string {
  const app = changelog.slice(0, changelog.lastIndexOf('.'));
  return (
    `Begin at the start of the input under another --app; to keep this name, end all its processes first and delete ` +
    `its group (kafka-consumer-groups.sh --delete --group ${app}) and its topics ${app}.*`
  );
}
