/** @linnet/gateway: dual prediction between a gateway and the cloud. */
export { dryRun, type DryRun, type DryRunOptions, type Recording } from './dry-run/dry-run.ts';
export { plainReadingBytes } from './dry-run/wire.ts';
export { openModel, openModels, readModel, type Model } from './model.ts';
export { gateway, type Gateway, type GatewayOptions } from './live/gateway.ts';
