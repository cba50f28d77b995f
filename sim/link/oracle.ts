/** Whether the cloud's series is the gateway's, instant by instant: from the rows alone, nothing of the protocol. */
import { STATUS } from '@linnet/core/transmit';
import type { Cloud } from './cloud.ts';
import type { Gateway, Life } from './gateway.ts';
import type { Scenario } from './scenario.ts';

/** Returns what is wrong, or nothing. */
export function judge(scenario: Scenario, gateway: Gateway, cloud: Cloud): string | undefined {
  if (cloud.problems.length > 0) return cloud.problems[0];
  for (const [session, life] of gateway.lives) {
    const wrong = judgeRows(scenario, session, life, cloud) ?? judgeAlerts(scenario, session, life, cloud);
    if (wrong !== undefined) return `session ${session}: ${wrong}`;
  }
  return undefined;
}

function judgeRows(
  { link, keep }: Scenario,
  session: number,
  { rows, whole }: Life,
  cloud: Cloud,
): string | undefined {
  for (const [tick, row] of rows.entries()) {
    for (const [channel, { epsilon }] of link.channels.entries()) {
      const real = row?.[channel] ?? Number.NaN;
      const stored = cloud.stored.get(`${session} ${tick} ${channel}`);
      const where = `instant ${tick} of channel ${channel}`;
      if (stored === undefined) {
        // Where the cloud began too late for what is still kept, it knows nothing of the time before.
        if (whole && keep > 100) return `${where} is not stored`;
      } else if (stored.status === STATUS.missing) {
        // What is no longer kept may be lost for good, and is then told as missing.
        if (!Number.isNaN(real) && keep > 100) return `${where} was ${real}, and is stored as missing`;
      } else if (Number.isNaN(real)) {
        return `${where} was missing, and is stored as ${stored.value}`;
      } else if (!(Math.abs(stored.value - real) <= epsilon)) {
        return `${where} was ${real}, and is stored as ${stored.value}`;
      }
    }
  }
  return undefined;
}

function judgeAlerts(
  { keep }: Scenario,
  session: number,
  { alerts, whole }: Life,
  cloud: Cloud,
): string | undefined {
  for (const alert of alerts) {
    if (whole && keep > 100 && !cloud.alerts.has(`${session}: ${alert}`)) return `alert ${alert} never came`;
  }
  const prefix = `${session}: `;
  for (const alert of cloud.alerts) {
    if (alert.startsWith(prefix) && !alerts.has(alert.slice(prefix.length)))
      return `alert ${alert} never was`;
  }
  return undefined;
}
