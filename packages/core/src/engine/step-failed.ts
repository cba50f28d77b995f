import { LinnetError } from '../base/error.ts';

/** A function of the user threw while a step ran. */
export class StepFailed extends LinnetError {
  readonly step: string;
  /** The record's index in its source block; `AFTER` for what a window came to. */
  readonly at: number;

  constructor(step: string, at: number, where: string, cause: unknown) {
    const why = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause);
    super('flow.step-failed', `step "${step}" failed at ${where}: ${why}`, { cause });
    this.step = step;
    this.at = at;
  }
}
