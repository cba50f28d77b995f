import assert from 'node:assert/strict';
import { test } from 'node:test';
import { flow, records, table } from '@linnet/core';
import { planStages } from '@linnet/core/engine';
import { kafkaTopic } from './kafka-topic.ts';
import { inTransactions } from './kafka-topic.ts';
import { topologyOf } from './topology.ts';

interface Reading {
  readonly id: string;
  readonly at: number;
}

function keyed(built: ReturnType<typeof flow>, name: string) {
  return built
    .source(name, records<Reading>([]))
    .eventTime(`${name}-time`, { at: ({ at }) => at })
    .keyBy(`${name}-key`, ({ id }) => id);
}

function laidOut(built: ReturnType<typeof flow>, app = 'app', inputs: readonly string[] = ['in']) {
  const plan = planStages(inTransactions(built.graph, 'here:9092'));
  return topologyOf(plan, { app, inputs: new Map(inputs.map((id) => [id, `topic-${id}`])), lanes: 3 });
}

test('each side of a join comes over a topic of its own', () => {
  const built = flow('joined');
  keyed(built, 'in').asOfJoin('pair', keyed(built, 'more')).sink('out', table());
  const { subscribed, edgeOf, topicOf } = laidOut(built, 'app', ['in', 'more']);
  assert.deepEqual(subscribed.toSorted(), [
    'app.in-key.repartition',
    'app.more-key.repartition',
    'app.pair.left.repartition',
    'app.pair.right.repartition',
    'topic-in',
    'topic-more',
  ]);
  assert.equal(edgeOf.size, topicOf.size);
});

test('topics of a flow that would be one are refused, naming both uses', () => {
  const sinks = (first: string, second: string) => {
    const built = flow('f');
    const stream = built.source('in', records<Reading>([]));
    stream.sink(first, table());
    stream.sink(second, table());
    return built;
  };
  assert.throws(() => laidOut(sinks('out', 'changelog')), {
    code: 'config.invalid',
    message: /topic app\.changelog would hold the states and the output of sink "changelog": rename the step/,
  });
  // Kafka takes a dot and an underscore for the same where names are compared.
  assert.throws(() => laidOut(sinks('a.b', 'a_b')), /topic app\.a_b would hold/);
  assert.doesNotThrow(() => laidOut(sinks('a', 'b')));
});

test('two sinks may write to one topic of the user’s, but not to one of the flow’s', () => {
  const sinks = (topic: string) => {
    const built = flow('f');
    const stream = built.source('in', records<Reading>([]));
    stream.sink('a', kafkaTopic({ topic }));
    stream.sink('b', kafkaTopic({ topic }));
    return built;
  };
  assert.doesNotThrow(() => laidOut(sinks('own')));
  assert.throws(() => laidOut(sinks('app.changelog')), /would hold the output of sink "b" and the states/);
});
