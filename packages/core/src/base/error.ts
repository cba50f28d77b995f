/**
 * The error of the library: a stable code for programs, a sentence for people.
 *
 * The message says where (file, line, step, parameter) and what would do. Codes never change meaning.
 */
export class LinnetError extends Error {
  readonly code: ErrorCode;
  /** True when the same call may succeed later (a busy server, a full disk). */
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'LinnetError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** Every code with what it means; the reference in docs/ is made from this table. */
export const errorCodes = {
  'config.invalid': 'A parameter is missing, has the wrong type or lies outside its range.',
  'config.unknown': 'A parameter, column or component of that name does not exist.',
  'data.invalid': 'An input cannot be read as what it should be.',
  'data.empty': 'An input holds no record to work on.',
  'flow.duplicate-step': 'Two steps of a flow have the same id.',
  'flow.invalid': 'A flow is not complete: no source, no sink, or a step that leads nowhere.',
  'flow.changed':
    'A flow is not the one whose state is stored: a step was renamed, removed or set otherwise.',
  'flow.step-failed': 'A function of the user threw while a step ran.',
  'io.not-found': 'A file or address does not exist.',
  'io.failed': 'Reading or writing failed outside of this program.',
  'io.refused': 'The other side refused: credentials, permission or rate.',
  'snapshot.invalid':
    'Bytes are not a snapshot of this component, are damaged, or come from a newer version.',
  'store.invalid': 'A store on disk is damaged, is no store, or was written by a newer release.',
  usage: 'The command line cannot be understood.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** Breaks loudly on a broken invariant of our own; never for bad input. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) throw new Error(`invariant broken: ${invariant}`);
}
