/** @linnet/connectors/alert: sinks that tell people and other systems. */
export { jsonFile } from './json-file.ts';
export { slack, slackMessage, type Alert, type SlackOptions } from './slack.ts';
export { signature, webhook, type WebhookOptions } from './webhook.ts';
