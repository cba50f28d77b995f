/** What is committed with a position, as its metadata: whether the input there has ended, and who committed it. */
export interface Note {
  /** `ended`: the input topic; `done`: everything that the lane had open, too. */
  readonly state: 'open' | 'ended' | 'done';
  readonly instance: string;
}

export function encodeNote({ state, instance }: Note): string {
  return `${state} ${instance}`;
}

/** A position that something else committed says nothing. */
export function decodeNote(metadata: string | undefined): Note {
  const [, state, instance = ''] = /^(open|ended|done) (.*)$/s.exec(metadata ?? '') ?? [];
  return { state: (state ?? 'open') as Note['state'], instance };
}
