import { Course, type Due } from './course.ts';
import type { Channels } from './cover.ts';
import type { LinkConfig } from './message/link.ts';
import { type FindForecaster, type PredictorChoice, type PredictorName } from './predict/choice.ts';
import { Track } from './track.ts';

/** What was sent counts for about two days of two-minute instants. */
const MEMORY = 1440;
/** Nothing is compared before so many instants. */
const TRIAL = 180;
/** A switch must promise to save so much. */
const GAIN = 0.97;

interface Candidate {
  readonly course: Course;
  sent: number;
}

/** Runs every predictor beside the one in use, and counts what each would have sent. */
export class Chooser {
  private readonly candidates = new Map<PredictorName, Candidate>();
  private readonly link: LinkConfig;
  private readonly channels: Channels;
  private readonly find: FindForecaster;
  private instants = 0;

  constructor(link: LinkConfig, channels: Channels, find: FindForecaster) {
    this.link = link;
    this.channels = channels;
    this.find = find;
  }

  add(choice: PredictorChoice): void {
    const track = new Track(this.channels.units, choice, this.find);
    const course = new Course(this.link, this.channels, track);
    // A newcomer begins with the best that any other has.
    const sent = Math.min(...[...this.candidates.values()].map((one) => one.sent));
    this.candidates.set(choice.name, { course, sent: Number.isFinite(sent) ? sent : 0 });
  }

  step(values: Float64Array): void {
    this.instants++;
    for (const candidate of this.candidates.values()) {
      candidate.sent *= 1 - 1 / MEMORY;
      const due: Due | undefined = candidate.course.step(values);
      if (due === undefined) continue;
      candidate.course.close(due);
      candidate.sent++;
    }
  }

  skip(count: number): void {
    for (const { course } of this.candidates.values()) course.skip(count);
  }

  /** The predictor that would have sent clearly less than the one in use, if there is any. */
  better(inUse: PredictorName): PredictorChoice | undefined {
    if (this.instants < TRIAL) return undefined;
    let [best, least] = [inUse, (this.candidates.get(inUse)?.sent ?? Infinity) * GAIN];
    for (const [name, { sent }] of this.candidates) {
      if (name !== inUse && sent < least) [best, least] = [name, sent];
    }
    return best === inUse ? undefined : this.candidates.get(best)?.course.track.choice;
  }
}
