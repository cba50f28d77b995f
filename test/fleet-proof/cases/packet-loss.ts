import { setTimeout as wait } from 'node:timers/promises';
import { DeviceRegistry } from '@linnet/server';
import { deviceName } from '../../../apps/cli/src/simulate/fleet/device-name.ts';
import { expect } from '../../cases.ts';
import type { Case } from '../case.ts';
import { FAR_HOST, LossyLink, whyNoLink } from '../netns.ts';
import { RUN, until, type World } from '../world.ts';

const LOSS_PERCENT = 30;

/** The whole TCP goes over a link that drops packets, from one network namespace to another; beyond loopback each device needs its secret. */
export const packetLoss: Case = {
  name: 'packet-loss',
  skip: whyNoLink,
  async run(world: World) {
    const link = new LossyLink('link', LOSS_PERCENT);
    try {
      const count = world.pick(50, 6);
      const secrets: Record<string, string> = {};
      const registry = new DeviceRegistry(world.store);
      for (let place = 0; place < count; place++) {
        const name = deviceName(RUN, place);
        secrets[name] = await registry.add(name);
      }
      registry.close();
      const server = await world.serve({ host: FAR_HOST }, link.far);
      const broker = `mqtt://${FAR_HOST}:${server.port}`;
      const within = link.near;
      const devices = await world.devices({
        devices: count,
        processes: 2,
        intervalMs: 250,
        broker,
        secrets,
        within,
      });
      await devices.start();
      devices.record(Date.now());
      await until('a device is connected', () => devices.counts.connected > 0);
      await wait(world.pick(60_000, 3000));
      const outcome = await world.judge(devices);
      const { dropped } = link;
      expect(dropped > 0, 'the link dropped nothing');
      const what = `netns link that drops ${LOSS_PERCENT} % of the packets each way (${dropped} dropped), ${count} devices`;
      return { what, ...outcome };
    } finally {
      link.close();
    }
  },
};
