/** Topic -> device, sensor, region, metric, by the first rule that fits. */
import { LinnetError } from '@linnet/core/base';
import { isDevice } from '@linnet/core/wire';
import { compileRule, fill, matchRule, type Rule } from './rule.ts';

/** What a topic says of the readings in it. */
export interface Mapped {
  readonly rule: Rule;
  readonly device: string;
  readonly sensor: string;
  readonly region: string;
  readonly metric: string;
}

/** Where no configuration is given: the scheme of the access rules. */
const DEFAULT_RULES = [
  { topic: 'tele/{device}' },
  { topic: 'tele/{device}/{metric}' },
  { topic: 'tele/{device}/{part}/{metric}', metric: '{part}.{metric}' },
];
/** Topics whose answer is kept; a fleet has a few a device. */
const KNOWN_MAX = 100_000;

export class Mapping {
  private readonly rules: readonly Rule[];
  private readonly known = new Map<string, Mapped | undefined>();

  /**
   * @param config `{"topics": [rule, …]}`, as JSON made it; left out: what `tele/…` topics are by default
   * @param file what errors begin with
   * @throws LinnetError `config.invalid` that names file, rule and key
   */
  constructor(config?: unknown, file = 'mapping') {
    this.rules = rulesOf(config, file).map((rule, i) => compileRule(rule, `${file}: topics[${i}]`));
  }

  /** Nothing for a topic that no rule fits, or whose device has no valid name. */
  of(topic: string): Mapped | undefined {
    let mapped = this.known.get(topic);
    if (mapped !== undefined || this.known.has(topic)) return mapped;
    mapped = this.find(topic);
    if (this.known.size >= KNOWN_MAX) this.known.clear();
    this.known.set(topic, mapped);
    return mapped;
  }

  /** Topic filters that cover every rule, for a subscription. */
  filters(): string[] {
    return [
      ...new Set(
        this.rules.map(({ levels }) =>
          levels.map((level) => (level.startsWith('{') ? '+' : level)).join('/'),
        ),
      ),
    ];
  }

  private find(topic: string): Mapped | undefined {
    const levels = topic.split('/');
    for (const rule of this.rules) {
      const places = matchRule(rule, levels);
      if (places === undefined) continue;
      const device = places.get('device') as string;
      if (!isDevice(device)) return undefined;
      return {
        rule,
        device,
        sensor: fill(rule.sensor ?? '{device}', places),
        region: fill(rule.region ?? '', places),
        metric: fill(rule.metric ?? 'value', places),
      };
    }
    return undefined;
  }
}

function rulesOf(config: unknown, file: string): readonly unknown[] {
  if (config === undefined) return DEFAULT_RULES;
  const invalid = (why: string) => new LinnetError('config.invalid', `${file}: ${why}`);
  if (typeof config !== 'object' || config === null || Array.isArray(config)) {
    throw invalid('is no object such as {"topics": [{"topic": "tele/{device}"}]}');
  }
  for (const key of Object.keys(config))
    if (key !== 'topics') throw invalid(`${key} is unknown; there is topics`);
  const { topics } = config as { topics?: unknown };
  if (!Array.isArray(topics) || topics.length === 0)
    throw invalid('topics must be a list of at least one rule');
  return topics as unknown[];
}
