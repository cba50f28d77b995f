import { jsonFile, slack, webhook, type Alert as Message } from '@linnet/connectors/alert';
import { LinnetError } from '@linnet/core/base';
import type { SinkContext, SinkWriter } from '@linnet/core';
import type { Alert } from '../watch/alert.ts';

const FILE = 'file:';
/** At the end: what is not taken by then stays in the store. */
const PATIENCE_MS = 2000;

/**
 * Opens where alerts go: `slack`, `webhook` or `file:PATH`.
 * @throws LinnetError `config.invalid` for another name, or an address or a secret that the environment does not have
 */
export function openAlertSink(name: string, trouble: (message: string) => void): SinkWriter<Alert> {
  const context: SinkContext = { step: name, format: 'json', print: () => Promise.resolve(), trouble };
  const writer = writerOf(name, context);
  if (writer !== undefined) return writer;
  throw new LinnetError(
    'config.invalid',
    `${JSON.stringify(name)} is no sink of alerts: slack, webhook or file:PATH`,
  );
}

function writerOf(name: string, context: SinkContext): SinkWriter<Alert> | undefined {
  if (name === 'webhook') return webhook<Alert>({ patienceMs: PATIENCE_MS }).open(context) ?? undefined;
  if (name.startsWith(FILE) && name.length > FILE.length) {
    return jsonFile<Alert>(name.slice(FILE.length)).open(context) ?? undefined;
  }
  if (name !== 'slack') return undefined;
  const posts = slack({ patienceMs: PATIENCE_MS }).open(context);
  if (posts === null) return undefined;
  return {
    write: (alerts) => posts.write(alerts.map(messageOf)),
    hurry: () => posts.hurry?.(),
    close: () => posts.close(),
  };
}

/** What people are told. An alert out of a backlog says that it is old before anything else. */
export function messageOf(alert: Alert): Message {
  const iso = (time: number) => new Date(time).toISOString();
  const device = alert.device;
  switch (alert.alert) {
    case 'anomaly': {
      const { sensor, region, metric, value, score, threshold, by, backlog, time } = alert;
      const limit = threshold === null ? '' : `, threshold ${threshold}`;
      return {
        title: `${backlog ? 'Old, recorded offline: anomaly' : 'Anomaly'} of ${metric}`,
        region,
        sensors: [sensor],
        start: iso(time),
        details: { Value: String(value), Score: `${score.toFixed(2)} by the ${by}${limit}` },
      };
    }
    case 'silent':
      return {
        title: 'Device silent',
        region: '',
        sensors: [device],
        start: iso(alert.lastSeen),
        details: { 'Spoke every': `${alert.intervalMs / 1000} s` },
      };
    case 'back':
      return {
        title: 'Device back',
        region: '',
        sensors: [device],
        start: iso(alert.receivedAt),
        details: { 'Silent for': `${alert.silentMs / 1000} s` },
      };
  }
}
