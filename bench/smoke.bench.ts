/**
 * Smoke told from broken sensors: how often each classifier is right of each sensor in each window of 12 hours. Settings were chosen
 * on other seeds than these.
 */
import { HISTORY, historyIsThere, injected, readHistory, simulatedCase, type Case } from './smoke/cases.ts';
import { byAgreement, byRule, type Verdicts } from './smoke/classified.ts';
import { added, confusionOf, confusionText, macroF1, NOTHING, type Confusion } from './smoke/confusion.ts';
import { truthOf } from './smoke/truth.ts';
import type { Scenario } from './scenario.ts';

const SEEDS = [201, 202, 203];

export const scenarios: readonly Scenario[] = [
  compared('smoke-simulated', () => SEEDS.map((seed) => simulatedCase(seed))),
  // The PurpleAir history may not enter the repository: measured where it lies beside the checkout.
  ...(historyIsThere()
    ? [
        compared('smoke-history-injected', async () => {
          const real = await readHistory(HISTORY);
          return SEEDS.map((seed) => injected(real, seed));
        }),
      ]
    : []),
];

/** The figure is the F1 of smoke and that of broken sensors, halved; the peer is the rule on the same readings. */
function compared(id: string, make: () => Case[] | Promise<Case[]>): Scenario {
  let cases: Case[] | undefined;
  const matrices: string[] = [];
  const judged = async (name: string, classify: (given: Case) => Verdicts) => {
    cases ??= await make();
    const counts = cases.map((given) => confusionOf(truthOf(given), classify(given).labels));
    const all = counts.reduce<Confusion>(added, NOTHING);
    matrices.push(confusionText(name, all));
    return macroF1(all);
  };
  return {
    id,
    unit: 'F1',
    better: 'higher',
    rounds: 1,
    warmup: 0,
    target: { timesPeer: 2 },
    prepare: () => () => judged(`${id}, sensor agreement`, byAgreement),
    peer: { name: 'the rule', prepare: () => () => judged(`${id}, the rule`, byRule) },
    notes: () => matrices.join('\n\n'),
  };
}
