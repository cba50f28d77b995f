import { LinnetError } from '@linnet/core';
import { MESSAGE_BYTES_MAX, type KafkaAdmin, type TopicSettings } from './port.ts';
import type { Topology } from './topology.ts';
import { KEEP, RETENTION, visible } from './topic-made.ts';

const POLICY = 'cleanup.policy';

/** Makes the topics of a flow that are missing, and refuses those that are there in another shape, with the difference. */
export async function ensureTopics(admin: KafkaAdmin, topology: Topology): Promise<void> {
  const own = new Set([...topology.given.values()].map(({ topic }) => topic));
  const wanted = topicsOf(topology);
  const found = await admin.partitions(wanted.map(({ topic }) => topic));
  const there = wanted.filter(({ topic }) => found.has(topic) && !own.has(topic));
  const settings =
    there.length === 0
      ? new Map<string, Readonly<Record<string, string>>>()
      : await admin.settings(
          there.map(({ topic }) => topic),
          [POLICY, RETENTION],
        );
  const differences = there.flatMap((one) =>
    differencesOf(one, found.get(one.topic) as number, settings.get(one.topic) ?? {}),
  );
  if (differences.length > 0)
    throw new LinnetError(
      'flow.changed',
      `topics of "${topology.app}" are not as the flow needs them: ${differences.join('; ')}: ` +
        'change them, delete what is not needed any more, or run under another --app',
    );
  for (const topic of wanted) if (!found.has(topic.topic)) await admin.create(topic);
  await visible(
    admin,
    wanted.map(({ topic }) => topic),
  );
}

/** A retention that is longer than wanted does no harm, and without deletion none matters. */
function differencesOf(
  { topic, partitions, settings: wanted }: TopicSettings,
  partitionsFound: number,
  found: Readonly<Record<string, string>>,
): string[] {
  const differ = (name: string, want: string | number, is: string | number) =>
    `${topic}: ${name} wanted ${want}, is ${is}`;
  const differences: string[] = [];
  if (partitionsFound !== partitions) differences.push(differ('partitions', partitions, partitionsFound));
  const [policy, own] = [wanted[POLICY] ?? 'delete', found[POLICY]];
  if (own !== undefined && own !== policy) differences.push(differ(POLICY, policy, own));
  const [retention, kept] = [wanted[RETENTION], found[RETENTION]];
  if (policy === 'delete' && retention !== undefined && kept !== undefined && lasts(kept) < lasts(retention))
    differences.push(differ(RETENTION, retention === '-1' ? retention : `${retention} or more`, kept));
  return differences;
}

function lasts(retention: string): number {
  return retention === '-1' ? Infinity : Number(retention);
}

/** Number of partitions of the input topics: as many lanes has the flow. */
export async function lanesOf(admin: KafkaAdmin, inputs: ReadonlyMap<string, string>): Promise<number> {
  const topics = [...inputs.values()];
  const found = await admin.partitions(topics);
  for (const [step, topic] of inputs) {
    if (!found.has(topic)) {
      throw new LinnetError(
        'io.not-found',
        `topic ${topic} of source "${step}" does not exist: make it with linnet load, or name another with --topic ${step}=NAME`,
      );
    }
  }
  const counts = new Set(found.values());
  if (counts.size > 1) {
    const list = [...found].map(([topic, partitions]) => `${topic} ${partitions}`).join(', ');
    throw new LinnetError(
      'config.invalid',
      `the input topics of one flow need the same number of partitions, these have: ${list}`,
    );
  }
  return found.get(topics[0] as string) as number;
}

function topicsOf(topology: Topology): TopicSettings[] {
  const { lanes, topicOf, outputs, changelog, deadLetters, status } = topology;
  return [
    ...[...topicOf.values()].map((topic) => ({
      topic,
      partitions: lanes,
      settings: { [RETENTION]: WEEK, ...LARGE },
    })),
    ...[...outputs.values()].map((topic) => ({ topic, partitions: lanes, settings: { ...KEEP, ...LARGE } })),
    { topic: changelog, partitions: lanes, settings: { ...COMPACT, ...LARGE, 'segment.ms': DAY } },
    { topic: deadLetters, partitions: lanes, settings: LARGE },
    { topic: status, partitions: 1, settings: COMPACT },
  ];
}

/** What waits in a window for its time is part of one key's state, and more than the broker's own limit of 1 MB after a long outage. */
const LARGE = { 'max.message.bytes': String(MESSAGE_BYTES_MAX) };
const DAY = '86400000';
const WEEK = '604800000';
const COMPACT = { [POLICY]: 'compact' };
