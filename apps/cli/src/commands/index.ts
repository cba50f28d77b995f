/** Every command, in the order in which `linnet --help` lists them. */
import type { Command } from 'commander';
import { agentCommand } from './agent.ts';
import { batchCommand } from './batch.ts';
import { detectCommand } from './detect.ts';
import { fleetCommand } from './fleet.ts';
import { gatewayCommand } from './gateway.ts';
import { deviceCommand } from './device.ts';
import { graphCommand } from './graph.ts';
import { healthCommand } from './health.ts';
import { lintCommand } from './lint.ts';
import { loadCommand } from './load.ts';
import { prepareCommand } from './prepare.ts';
import { outputsCommand } from './outputs.ts';
import { queryCommand } from './query.ts';
import { runCommand } from './run.ts';
import { serveCommand } from './serve.ts';
import { simulateCommand } from './simulate.ts';
import { startCommand } from './start.ts';
import { stateCommand } from './state.ts';
import { topCommand } from './top.ts';
import { trainCommand } from './train.ts';

export const commands: readonly (() => Command)[] = [
  startCommand,
  batchCommand,
  runCommand,
  loadCommand,
  topCommand,
  healthCommand,
  stateCommand,
  outputsCommand,
  queryCommand,
  graphCommand,
  lintCommand,
  prepareCommand,
  simulateCommand,
  trainCommand,
  detectCommand,
  gatewayCommand,
  agentCommand,
  serveCommand,
  deviceCommand,
  fleetCommand,
];
