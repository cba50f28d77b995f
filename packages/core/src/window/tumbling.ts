import { milliseconds, type Duration } from '../base/duration.ts';
import { LinnetError } from '../base/error.ts';
import type { Windower } from '../base/window.ts';
import type { Alignment } from './alignment.ts';
import { sliding } from './sliding.ts';

/**
 * Windows of one length, one behind the other; each record belongs to one. Window 0 begins at `align`.
 *
 * @example
 * tumbling({ length: '12h', align: '2022-07-18T00:00Z' })
 */
export function tumbling({
  length,
  align = 0,
}: {
  length: Duration;
  align?: Alignment;
}): Windower<Set<number>> {
  const lengthMs = milliseconds(length, 'tumbling.length');
  if (lengthMs === 0)
    throw new LinnetError('config.invalid', `tumbling.length: ${String(length)} must be above 0`);
  return { ...sliding({ length: lengthMs, every: lengthMs, align }), name: 'tumbling' };
}
