import type { Duration } from '../base/duration.ts';
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
  return { ...sliding({ length, every: length, align }), name: 'tumbling' };
}
