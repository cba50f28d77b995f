/** @linnet/agent/command: the work of the command line; its options alone are in @linnet/agent/options. */
export { runAgent } from './run-agent.ts';
