/** A gateway and its cloud over a link that a test breaks as it likes. */
import assert from 'node:assert/strict';
import { gateway, type Gateway, type GatewayOptions } from '../src/index.ts';
import { compare, compareMidway, EPSILON, EVERY_MS, readings } from './series.ts';

const DEADLINE = 4;

export interface Run {
  readonly id: string;
  readonly up: string;
  /** Folders of the gateway and of the cloud's store. */
  readonly near: string;
  readonly data: string;
  readonly instants: number;
  readonly connection?: NonNullable<GatewayOptions['connection']>;
  /** Called before each part of 20 instants. */
  readonly trouble?: (part: number) => unknown;
  /** Called before the last wait. */
  readonly atEnd?: () => void;
}

/**
 * Feeds instants in parts, with trouble between them, and holds the cloud's view against what was measured at each part and at the end.
 * @returns messages that were sent, and the most instants that were foretold at once
 */
export async function runLink(run: Run): Promise<{ messages: number; foretold: number }> {
  const { id, up, near: folder, connection = {} } = run;
  const near = await gateway({
    id,
    up,
    data: folder,
    epsilons: { temperature: EPSILON },
    everyMs: EVERY_MS,
    deadline: DEADLINE,
    heartbeat: 20,
    tolerance: 0,
    predictor: 'auto',
    connection,
  });
  try {
    return await feed(near, run);
  } finally {
    await near.close();
  }
}

async function feed(
  near: Gateway,
  { id, data, instants, trouble, atEnd }: Run,
): Promise<{ messages: number; foretold: number }> {
  let most = 0;
  for (let from = 0; from < instants; from += 20) {
    await trouble?.(from / 20);
    const to = Math.min(from + 20, instants);
    for (const reading of readings(from, to)) near.read(reading);
    // The first part is stored before any trouble comes; later ones may be under way.
    await near.drained(from === 0 ? 60_000 : 200);
    const { foretold } = compareMidway(data, id, to);
    most = Math.max(most, foretold);
    assert.ok(near.counts.messages <= to, `${near.counts.messages} messages for ${to} instants`);
  }
  atEnd?.();
  near.flush();
  assert.ok(await near.drained(60_000), 'the cloud has stored everything');
  const { messages } = near.counts;
  compare(data, id, instants);
  assert.ok(messages <= Math.ceil(instants / (DEADLINE + 1)) + 2, `${messages} messages`);
  return { messages, foretold: most };
}
