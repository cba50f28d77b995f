/** Joins of two keyed streams as steps. */
import { milliseconds, type Duration } from '../base/duration.ts';
import { LinnetError } from '../base/error.ts';
import type { Windower } from '../base/window.ts';
import type { StepInput } from '../engine/operator.ts';
import { asOfMatcher } from '../engine/operators/as-of-matcher.ts';
import { intervalMatcher } from '../engine/operators/interval-matcher.ts';
import { JoinOperator, type Matcher } from '../engine/operators/join.ts';
import { WindowJoinOperator } from '../engine/operators/window-join.ts';
import type { Timeliness } from '../engine/timeliness.ts';
import type { FlowSteps } from './flow-steps.ts';
import { lateUnseen, type StepParts } from './parts.ts';

/** How far apart two records may be: to either side, or how far the right one may be before and after the left one. */
export type Within = Duration | { readonly before: Duration; readonly after: Duration };

export interface AsOfOptions {
  readonly tolerance?: Duration;
  readonly type?: 'left' | 'inner';
}

/** What a join needs to know of a stream. */
export interface JoinInput {
  readonly flow: FlowSteps;
  readonly from: StepInput;
  readonly timeliness: Timeliness | undefined;
}

export interface JoinParts {
  readonly step: StepParts;
  /** Event time of what the join gives. */
  readonly time: Timeliness;
}

const PORTS = ['joined', 'late'];

export function intervalJoin(
  id: string,
  left: JoinInput,
  right: JoinInput,
  within: Within,
  outer: boolean,
): JoinParts {
  const isBoth = typeof within === 'object' && within !== null;
  const { before, after } = isBoth ? within : { before: within, after: within };
  const interval = {
    beforeMs: finite(before, `step "${id}": within${isBoth ? '.before' : ''}`),
    afterMs: finite(after, `step "${id}": within${isBoth ? '.after' : ''}`),
  };
  const type = outer ? 'left' : 'inner';
  return join(id, left, right, type, interval, () => intervalMatcher(interval, outer));
}

export function asOfJoin(id: string, left: JoinInput, right: JoinInput, options: AsOfOptions): JoinParts {
  const { tolerance = Infinity, type = 'left' } = options;
  if (type !== 'left' && type !== 'inner') {
    throw new LinnetError(
      'config.invalid',
      `step "${id}": type ${JSON.stringify(type)} is neither left nor inner`,
    );
  }
  const toleranceMs = milliseconds(tolerance, `step "${id}": tolerance`);
  // JSON has no Infinity: null means any age.
  const settings = { toleranceMs: Number.isFinite(toleranceMs) ? toleranceMs : null };
  return join(id, left, right, `as-of ${type}`, settings, () => asOfMatcher(toleranceMs, type === 'left'));
}

export function windowJoin(
  id: string,
  left: JoinInput,
  right: JoinInput,
  windower: Windower,
  ordered: boolean,
  outer: boolean,
): JoinParts {
  if (windower.endsByRecord || !ordered) {
    const what = ordered ? `a ${windower.name} window` : 'an unordered window';
    throw new LinnetError(
      'config.invalid',
      `step "${id}": ${what} cannot be joined; use tumbling, sliding or session windows in the order of event time`,
    );
  }
  const time = together(id, left, right);
  const settings = { window: windower.name, ...(windower.settings as object) };
  return {
    step: {
      ...shared(left, right, `window ${outer ? 'left' : 'inner'}`, settings, time),
      create: ({ codec }) => new WindowJoinOperator({ windower, timeliness: time }, outer, codec),
    },
    time,
  };
}

function join(
  id: string,
  left: JoinInput,
  right: JoinInput,
  type: string,
  settings: object,
  matcher: () => Matcher,
): JoinParts {
  const time = together(id, left, right);
  return {
    step: {
      ...shared(left, right, type, settings, time),
      create: ({ codec }) => new JoinOperator(matcher(), time, codec),
    },
    time,
  };
}

function shared(left: JoinInput, right: JoinInput, type: string, settings: object, time: Timeliness) {
  return {
    kind: 'join',
    label: type,
    inputs: [left.from, right.from],
    ports: PORTS,
    advice: lateUnseen,
    settings: { type, ...settings, ...time },
  };
}

/** The event time that both streams have. */
function together(id: string, left: JoinInput, right: JoinInput): Timeliness {
  if (left.flow !== right.flow) {
    throw new LinnetError('flow.invalid', `step "${id}": both streams of a join must be of the same flow`);
  }
  const [a, b] = [left.timeliness, right.timeliness];
  if (a === undefined || b === undefined) {
    throw new LinnetError(
      'flow.invalid',
      `step "${id}": a join needs event time; the ${a === undefined ? 'left' : 'right'} stream has none: add .eventTime(id, …) before its keyBy`,
    );
  }
  if (a.watermark !== b.watermark) {
    throw new LinnetError(
      'flow.invalid',
      `step "${id}": the streams of a join have different watermarks (${a.watermark} and ${b.watermark}); use one mode for both`,
    );
  }
  return { ...a, latenessMs: Math.max(a.latenessMs, b.latenessMs) };
}

/** A join keeps records for that long: it must end. */
function finite(duration: Duration, what: string): number {
  const value = milliseconds(duration, what);
  if (Number.isFinite(value)) return value;
  throw new LinnetError('config.invalid', `${what}: an interval without an end would keep every record`);
}
