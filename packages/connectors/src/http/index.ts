/** @linnet/connectors/http: what is fetched from elsewhere. */
export { fetchBytes, type FetchOptions } from './fetch-bytes.ts';
export { retryAfterMs } from './retry-after.ts';
export { fetchPurpleAir, isPurpleAirApi, type Environment } from './purpleair-api.ts';
