import { Course } from './course.ts';
import type { Channels } from './cover.ts';
import type { LinkConfig } from './message/link.ts';
import { type FindForecaster, type PredictorChoice } from './predict/choice.ts';
import { Track } from './track.ts';

/** What was sent counts for about two days of two-minute instants. */
const MEMORY = 1440;
/** Nothing is compared before so many instants. */
const TRIAL = 180;
/** A switch must promise to save so much. */
const GAIN = 0.97;

/** A predictor that runs beside the one in use. */
export interface Candidate {
  /** As it is now: its coefficients may change. */
  readonly choice: PredictorChoice;
  /** Takes the next instant in; true when it would have sent. */
  step(values: Float64Array): boolean;
  skip(count: number): void;
}

/** A candidate that is run for this alone. */
export function shadowOf(
  choice: PredictorChoice,
  link: LinkConfig,
  channels: Channels,
  find: FindForecaster,
): Candidate {
  const course = new Course(link, channels, new Track(channels.units, choice, find));
  return {
    get choice() {
      return course.track.choice;
    },
    step: (values) => {
      const due = course.step(values);
      if (due !== undefined) course.close(due);
      return due !== undefined;
    },
    skip: (count) => course.skip(count),
  };
}

/** Counts what each candidate would have sent, and says which would clearly have sent less. */
export class Chooser {
  private readonly rivals: { readonly candidate: Candidate; sent: number }[] = [];
  private instants = 0;

  add(candidate: Candidate): void {
    // A newcomer begins with the best that any other has.
    const sent = Math.min(...this.rivals.map((rival) => rival.sent));
    this.rivals.push({ candidate, sent: Number.isFinite(sent) ? sent : 0 });
  }

  step(values: Float64Array): void {
    this.instants++;
    for (const rival of this.rivals) {
      rival.sent *= 1 - 1 / MEMORY;
      if (rival.candidate.step(values)) rival.sent++;
    }
  }

  skip(count: number): void {
    for (const { candidate } of this.rivals) candidate.skip(count);
  }

  /** The predictor that would have sent clearly less than the one in use, if there is any. */
  better(inUse: PredictorChoice): PredictorChoice | undefined {
    if (this.instants < TRIAL) return undefined;
    const own = this.rivals.find(({ candidate }) => candidate.choice.name === inUse.name);
    let [best, least]: [PredictorChoice | undefined, number] = [undefined, (own?.sent ?? Infinity) * GAIN];
    for (const rival of this.rivals) {
      if (rival === own || rival.sent >= least) continue;
      [best, least] = [rival.candidate.choice, rival.sent];
    }
    return best;
  }
}
