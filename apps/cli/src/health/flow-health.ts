import type { MemberStatus } from '@linnet/connectors/kafka';
import type { Address } from './address.ts';
import { startHealth, type HealthServer } from './health-server.ts';
import { Metrics } from './metrics.ts';
import { readinessOf } from './readiness.ts';

export interface FlowHealth extends HealthServer {
  take(status: MemberStatus): void;
}

/** The health of a process of a flow over Kafka. */
export async function startFlowHealth(wanted: Address): Promise<FlowHealth> {
  const metrics = new Metrics();
  let last: MemberStatus | undefined;
  const server = await startHealth(wanted, { metrics, ready: () => readinessOf(last, Date.now()) });
  return {
    ...server,
    take: (status) => {
      last = status;
      metrics.take(status);
    },
  };
}
