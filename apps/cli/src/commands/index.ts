/** Every command, in the order in which `linnet --help` lists them. */
import type { Command } from 'commander';
import { graphCommand } from './graph.ts';
import { lintCommand } from './lint.ts';
import { prepareCommand } from './prepare.ts';
import { runCommand } from './run.ts';

export const commands: readonly (() => Command)[] = [runCommand, graphCommand, lintCommand, prepareCommand];
