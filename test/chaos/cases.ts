import type { Case } from './case.ts';
import { aborted } from './cases/aborted.ts';
import { broker } from './cases/broker.ts';
import { disk } from './cases/disk.ts';
import { kills } from './cases/kills.ts';
import { poison } from './cases/poison.ts';
import { restore } from './cases/restore.ts';
import { retention } from './cases/retention.ts';
import { silence } from './cases/silence.ts';
import { zombie } from './cases/zombie.ts';

/** Every case, in the order in which `npm run chaos` runs them. */
export const CASES: readonly Case[] = [
  kills,
  broker,
  zombie,
  restore,
  aborted,
  silence,
  poison,
  disk,
  retention,
];
