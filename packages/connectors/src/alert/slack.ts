import type { Sink } from '@linnet/core';
import { Delivery, type DeliveryOptions } from './delivery.ts';
import { addressOf } from './post.ts';
import { idempotency } from './webhook.ts';

/** What people are told of an event. */
export interface Alert {
  readonly title: string;
  readonly region: string;
  readonly sensors: readonly string[];
  /** When the event began, ISO UTC. */
  readonly start: string;
  /** What else there is to say, by name. */
  readonly details?: Readonly<Record<string, string>>;
}

export interface SlackOptions extends DeliveryOptions {
  /** The address of an incoming webhook; else the environment variable SLACK_WEBHOOK_URL. It is a secret. */
  readonly url?: string;
}

/** Slack shows no more of a field. */
const FIELD_MAX = 2000;
const SENSORS_SHOWN_MAX = 20;

/**
 * Posts each alert to a Slack channel through an incoming webhook. With --recovery alerts wait in the store while Slack is
 * away, across restarts too: at least once each, in order.
 * @throws LinnetError `config.invalid` when opened without address
 */
export function slack(options: SlackOptions = {}): Sink<Alert> {
  return {
    kind: 'slack',
    detached: true,
    open(context) {
      const url = addressOf(options.url, 'SLACK_WEBHOOK_URL', context.step);
      return new Delivery<Alert>(
        (alert) => {
          const body = Buffer.from(JSON.stringify(slackMessage(alert)));
          return { url, body, headers: idempotency(body) };
        },
        context,
        options,
      );
    },
  };
}

/** The message as Slack's API takes it; what a device named cannot become markup. */
export function slackMessage({ title, region, sensors, start, details = {} }: Alert): object {
  const shown = sensors.slice(0, SENSORS_SHOWN_MAX).join(', ');
  const more = sensors.length - SENSORS_SHOWN_MAX;
  const fields: readonly (readonly [string, string])[] = [
    ['Region', region],
    ['Start', start],
    ['Sensors', more > 0 ? `${shown} and ${more} more` : shown],
    ...Object.entries(details),
  ];
  return {
    text: escaped(`${title}: ${region}, since ${start}`),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title.slice(0, 150) } },
      {
        type: 'section',
        fields: fields.map(([name, value]) => ({
          type: 'mrkdwn',
          text: `*${escaped(name)}*\n${escaped(value)}`.slice(0, FIELD_MAX),
        })),
      },
    ],
  };
}

/** Slack's own escapes, and no character that would be read as formatting or as a mention. */
function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[*_~`]/g, (mark) => `\u200B${mark}`);
}
