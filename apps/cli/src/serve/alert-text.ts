import type { Alert } from '@linnet/server';

/** One line for people. */
export function alertText(alert: Alert): string {
  const at = new Date(alert.receivedAt).toISOString();
  switch (alert.alert) {
    case 'anomaly': {
      const { sensor, region, metric, value, score, threshold, by, backlog, time } = alert;
      const where = region === '' ? sensor : `${sensor} (${region})`;
      const limit = threshold === null ? '' : `, threshold ${threshold}`;
      const old = backlog ? `, old: recorded ${new Date(time).toISOString()}` : '';
      return `${at} anomaly ${clean(where)} ${clean(metric)} ${value}: score ${score.toFixed(2)} by the ${by}${limit}${old}`;
    }
    case 'silent':
      return `${at} silent ${alert.device}: last heard ${new Date(alert.lastSeen).toISOString()}, it spoke every ${seconds(alert.intervalMs)}`;
    case 'back':
      return `${at} back ${alert.device}: it was silent for ${seconds(alert.silentMs)}`;
  }
}

function seconds(ms: number): string {
  return `${Number((ms / 1000).toPrecision(3))} s`;
}

/** Control characters of the input must not reach the terminal. */
function clean(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ');
}
