import type { MemberStatus } from '@linnet/connectors/kafka';

/** A process speaks once a second while it has its place in the group and the broker answers. */
const SILENT_MS = 10_000;

export interface Readiness {
  readonly ready: boolean;
  readonly why: string;
}

/** Whether a process of a flow does its share: it has a place in the group, and every lane that it was given is restored. */
export function readinessOf(status: MemberStatus | undefined, now: number): Readiness {
  if (status === undefined) return { ready: false, why: 'starting: not in the group yet' };
  const silentMs = now - status.at;
  if (silentMs > SILENT_MS)
    return { ready: false, why: `no sign of the broker for ${Math.round(silentMs / 1000)} s` };
  const restoring = status.lanes.filter(({ state }) => state === 'restoring');
  if (restoring.length > 0) {
    const left = restoring.reduce((sum, { restoreRemaining }) => sum + restoreRemaining, 0);
    return { ready: false, why: `restoring ${restoring.length} lanes, ${left} records left` };
  }
  const { length } = status.lanes;
  return { ready: true, why: length === 0 ? 'ready, no lanes to do' : `ready, ${length} lanes` };
}
