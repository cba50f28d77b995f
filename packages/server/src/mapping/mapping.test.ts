import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryIngest } from '../../test/memory-ingest.ts';
import { Mapping } from './mapping.ts';

test('topic -> sensor, region, metric; fields renamed, left out, and with a time of their own', () => {
  const ingest = new MemoryIngest({
    mapping: {
      topics: [
        {
          topic: 'farm/{region}/{device}/json',
          region: '{region}',
          metrics: { temp: 't' },
          time: 'ts',
          timeUnit: 's',
          ignore: ['rssi'],
        },
        {
          topic: 'farm/{region}/{device}/{metric}',
          decoder: 'number',
          region: '{region}',
          sensor: '{device}.{metric}',
        },
        { topic: 'hub/{device}/#', sensorField: 'id', regionField: 'room' },
      ],
    },
  });
  const seconds = ingest.now / 1000 - 10;
  ingest.send('farm/north/a/json', `{"temp":4,"rssi":-70,"ts":${seconds}}`);
  ingest.send('farm/north/a/t', '5');
  ingest.send('hub/h-1/x/y', '{"id":"kettle","room":"kitchen","w":900}');
  ingest.send('hub/h-1/x/y', '{"id":"a\\u0000b","w":900}');
  assert.deepEqual(
    ingest.rows.map(({ _received, _device_time, ...row }) => row),
    [
      { sensor: 'a', time: seconds * 1000, t: 4 },
      { sensor: 'a.t', time: ingest.now, t: 5 },
      { sensor: 'h-1:kettle', time: ingest.now, w: 900 },
    ],
  );
  assert.deepEqual(
    [...ingest.regions],
    [
      ['a', 'north'],
      ['a.t', 'north'],
      ['h-1:kettle', 'kitchen'],
    ],
  );
});

test('a mapping that cannot be is refused with file, rule and key', () => {
  for (const [config, says] of [
    [[], /m\.json: is no object/],
    [{}, /m\.json: topics must be a list/],
    [{ topics: [], more: 1 }, /m\.json: more is unknown/],
    [{ topics: [{}] }, /m\.json: topics\[0\]\.topic is missing/],
    [{ topics: [{ topic: 'a/{device}', foo: 1 }] }, /topics\[0\]\.foo is unknown; there are topic, decoder/],
    [{ topics: [{ topic: 'a/b' }] }, /has no level \{device\}/],
    [{ topics: [{ topic: 'a/#/{device}' }] }, /# the last one/],
    [{ topics: [{ topic: 'a/x{device}' }] }, /one whole level/],
    [{ topics: [{ topic: '{device}', decoder: 'xml' }] }, /"xml" is unknown; there are auto, json, number/],
    [{ topics: [{ topic: '{device}', sensor: '{room}' }] }, /uses \{room\}, which the topic/],
    [{ topics: [{ topic: '{device}', metrics: { a: 1 } }] }, /metrics must be an object of texts/],
    [{ topics: [{ topic: '{device}', timeUnit: 'm' }] }, /must be "s" or "ms"/],
  ] as const) {
    assert.throws(
      () => new Mapping(config, 'm.json'),
      (error: Error) => says.test(error.message),
      JSON.stringify(config),
    );
  }
});

test('filters cover the rules', () => {
  assert.deepEqual(new Mapping().filters(), ['tele/+', 'tele/+/+', 'tele/+/+/+']);
});
