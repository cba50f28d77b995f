/** Every command, in the order in which `linnet --help` lists them. */
import type { Command } from 'commander';

export const commands: readonly (() => Command)[] = [];
