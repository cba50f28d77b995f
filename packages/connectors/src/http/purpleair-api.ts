/**
 * PurpleAir's API for the sensors of the whole fleet, as bytewax/ml-iot asks it.
 */
import { LinnetError } from '@linnet/core';
import { fetchBytes, type FetchOptions } from './fetch-bytes.ts';

const API = 'https://api.purpleair.com';
const FIELDS = [
  'date_created',
  'rssi',
  'uptime',
  'latitude',
  'longitude',
  'humidity',
  'temperature',
  'pressure',
  'pm1.0',
  'pm2.5_alt',
  'pm10.0',
  'pm1.0_cf_1',
  'pm2.5_atm',
  'pm2.5_cf_1',
  'pm10.0_cf_1',
];

/** PURPLEAIR_API_KEY, and PURPLEAIR_API_URL for a stand-in of the API. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** True for the API itself and for its stand-in, where the key belongs. */
export function isPurpleAirApi(url: string, env: Environment): boolean {
  const { hostname, origin, protocol } = new URL(url);
  const standIn = env['PURPLEAIR_API_URL'];
  if (standIn !== undefined && URL.canParse(standIn) && origin === new URL(standIn).origin) return true;
  return protocol === 'https:' && (hostname === 'purpleair.com' || hostname.endsWith('.purpleair.com'));
}

/**
 * Fetches every sensor from PurpleAir's API, or PurpleAir's JSON from another address, with the key in
 * PURPLEAIR_API_KEY. The key goes to purpleair.com over TLS, to the stand-in that PURPLEAIR_API_URL names and to this
 * machine itself; any other address is fetched without it.
 * @param address the API when it is not given
 * @throws LinnetError `io.refused` when there is no key or the API does not take it, else as `fetchBytes`
 */
export async function fetchPurpleAir(
  env: Environment,
  address?: string,
  options: FetchOptions = {},
): Promise<Uint8Array> {
  const url = sensorsUrl(env, address);
  const key = env['PURPLEAIR_API_KEY'] ?? '';
  const isApi = isPurpleAirApi(url, env);
  if (isApi && key === '') {
    throw new LinnetError(
      'io.refused',
      'PURPLEAIR_API_KEY is not set: PurpleAir gives read keys at develop.purpleair.com',
    );
  }
  const headers = key !== '' && (isApi || isLoopback(url)) ? { 'X-API-Key': key } : {};
  try {
    return await fetchBytes(url, { ...options, headers });
  } catch (error) {
    if (!(error instanceof LinnetError) || !/ answered 40[13]\b/.test(error.message)) throw error;
    const hint = key === '' ? 'PURPLEAIR_API_KEY is not set' : 'check the key in PURPLEAIR_API_KEY';
    throw new LinnetError('io.refused', `${error.message}: ${hint}`, { cause: error });
  }
}

/** The API sends nothing but what `fields` asks for. */
function sensorsUrl(env: Environment, address: string | undefined): string {
  const url = new URL(address ?? new URL('/v1/sensors', env['PURPLEAIR_API_URL'] ?? API));
  const isBare = url.pathname === '/v1/sensors' && !url.searchParams.has('fields');
  if (address === undefined || (isBare && isPurpleAirApi(url.href, env))) {
    url.searchParams.set('fields', FIELDS.join(','));
  }
  return url.href;
}

function isLoopback(url: string): boolean {
  return /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(new URL(url).hostname);
}
