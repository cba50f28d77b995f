import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { HealthSubject } from '../health/health-server.ts';
import type { Readiness } from '../health/readiness.ts';

/** Parts of the service that can be in trouble. */
export type ServePart = 'store' | 'broker';

/** What `linnet serve` says of itself: ready when it takes in and stores what comes. */
export class ServeHealth implements HealthSubject {
  private readonly registry = new Registry();
  private readonly troubles = new Map<ServePart, string>();
  private readonly trouble = new Gauge({
    name: 'linnet_serve_trouble',
    help: '1 while a part is in trouble that is tried again: the store, or the broker of others',
    labelNames: ['part'],
    registers: [this.registry],
  });
  private readonly alerts = new Counter({
    name: 'linnet_serve_alerts_total',
    help: 'alerts raised',
    registers: [this.registry],
  });
  private readonly refused = new Counter({
    name: 'linnet_serve_refused_total',
    help: 'connections, messages and subscriptions that were not let in',
    registers: [this.registry],
  });
  private started = false;

  readonly metrics = {
    contentType: this.registry.contentType,
    text: () => this.registry.metrics(),
  };

  /** @param parts in trouble until they say that they work */
  constructor(parts: readonly ServePart[]) {
    collectDefaultMetrics({ register: this.registry });
    this.trouble.set({ part: 'store' }, 0);
    for (const part of parts) this.told('not connected yet', part);
  }

  ready(): Readiness {
    if (!this.started) return { ready: false, why: 'starting' };
    const [found] = this.troubles;
    return found === undefined
      ? { ready: true, why: 'ready' }
      : { ready: false, why: `${found[0]}: ${found[1]}` };
  }

  /** The service has its store and its port. */
  start(): void {
    this.started = true;
  }

  told(trouble: string | undefined, part: ServePart): void {
    if (trouble === undefined) this.troubles.delete(part);
    else this.troubles.set(part, trouble);
    this.trouble.set({ part }, trouble === undefined ? 0 : 1);
  }

  raised(): void {
    this.alerts.inc();
  }

  refuse(): void {
    this.refused.inc();
  }
}
