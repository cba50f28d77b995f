/**
 * Fetches a whole resource: bounded in time, size and tries.
 */
import { LinnetError } from '@linnet/core';
import { setTimeout as sleep } from 'node:timers/promises';
import { retryAfterMs } from './retry-after.ts';

export interface FetchOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Tries in all. Default 4. */
  readonly tries?: number;
  /** The longest that one try may take, body included. Default 60 s. */
  readonly timeoutMs?: number;
  /** First pause before another try; doubles each time, and half of it is chance. Default 500 ms. */
  readonly pauseMs?: number;
  /** The longest pause that a server may ask for with Retry-After. Default 60 s. */
  readonly pauseMsMax?: number;
  /** Default 512 MiB. */
  readonly bytesMax?: number;
  /** Told of each pause, in a sentence. */
  readonly onRetry?: (sentence: string) => void;
  readonly random?: () => number;
  readonly wait?: (milliseconds: number) => Promise<unknown>;
}

/** What came of one try: the bytes, or why not and how long the server wants to be left alone. */
type Outcome =
  { readonly bytes: Uint8Array } | { readonly error: LinnetError; readonly retryAfterMs?: number };

/**
 * Fetches an address. Network failures and 5xx are tried again after a jittered pause, 429 after what its Retry-After says.
 * A redirect to another host is not followed when headers of the caller's own would go with it.
 * @throws LinnetError `io.refused` (401, 402, 403, 429), `io.not-found` (404, 410), `io.failed` (the rest)
 */
export async function fetchBytes(url: string, options: FetchOptions = {}): Promise<Uint8Array> {
  const { tries = 4, pauseMs = 500, pauseMsMax = 60_000, random = Math.random, wait = sleep } = options;
  for (let attempt = 1; ; attempt++) {
    const outcome = await fetchOnce(url, options);
    if ('bytes' in outcome) return outcome.bytes;
    const { error, retryAfterMs: asked } = outcome;
    if (!error.retryable || attempt >= tries) throw attempt > 1 ? afterTries(error, attempt) : error;
    const pause = asked ?? pauseMs * 2 ** (attempt - 1) * (0.5 + random() / 2);
    if (pause > pauseMsMax) {
      throw new LinnetError(
        'io.refused',
        `${error.message}, and asks to wait ${Math.ceil(pause / 1000)} s: try again then`,
      );
    }
    options.onRetry?.(
      `${error.message}; trying again in ${(pause / 1000).toFixed(1)} s (${attempt + 1} of ${tries})`,
    );
    await wait(pause);
  }
}

function afterTries(error: LinnetError, tries: number): LinnetError {
  return new LinnetError(error.code, `${error.message} (tried ${tries} times)`, {
    cause: error,
    retryable: true,
  });
}

async function fetchOnce(url: string, options: FetchOptions): Promise<Outcome> {
  const { headers = {}, timeoutMs = 60_000, bytesMax = 512 * 2 ** 20 } = options;
  if (!URL.canParse(url)) {
    throw new LinnetError('io.not-found', `${url} is no address: write it as https://host/path`);
  }
  const shown = withoutSecrets(url);
  try {
    const response = await fetch(url, {
      headers,
      signal: AbortSignal.timeout(timeoutMs),
      redirect: Object.keys(headers).length > 0 ? 'manual' : 'follow',
    });
    if (!response.ok) return await refusal(response, shown);
    return { bytes: await body(response, shown, bytesMax) };
  } catch (cause) {
    if (cause instanceof LinnetError) return { error: cause };
    const why =
      (cause as Error).name === 'TimeoutError' ? `no answer within ${timeoutMs / 1000} s` : reason(cause);
    const retryable = !LASTING.test(why);
    return { error: new LinnetError('io.failed', `cannot fetch ${shown}: ${why}`, { retryable, cause }) };
  }
}

/** What no second try mends: a port that fetch refuses, a certificate, a name that does not exist. */
const LASTING = /^bad port$|^ENOTFOUND$|CERT/;

async function body(response: Response, shown: string, bytesMax: number): Promise<Uint8Array> {
  const tooLarge = () =>
    new LinnetError(
      'io.failed',
      `${shown} is larger than ${Math.round(bytesMax / 2 ** 20)} MiB: fetch it to a file and split it`,
    );
  if (Number(response.headers.get('content-length')) > bytesMax) {
    await response.body?.cancel();
    throw tooLarge();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > bytesMax) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function refusal(response: Response, shown: string): Promise<Outcome> {
  const { status } = response;
  const says = await explanation(response);
  if (status >= 300 && status < 400) {
    const to = withoutSecrets(new URL(response.headers.get('location') ?? '', response.url || shown).href);
    return {
      error: new LinnetError('io.failed', `${shown} leads on to ${to}: give that address if you trust it`),
    };
  }
  const retryable = status === 429 || status >= 500;
  const code = [401, 402, 403, 429].includes(status)
    ? 'io.refused'
    : [404, 410].includes(status)
      ? 'io.not-found'
      : 'io.failed';
  const error = new LinnetError(code, `${shown} answered ${status}${says}`, { retryable });
  const asked =
    status === 429 || status === 503 ? retryAfterMs(response.headers.get('retry-after')) : undefined;
  return asked === undefined ? { error } : { error, retryAfterMs: asked };
}

/** What the server says of its refusal, in a line. */
async function explanation(response: Response): Promise<string> {
  const text = await response.text().then(
    (all) => all.slice(0, 2000),
    () => '',
  );
  let said = response.statusText;
  try {
    const { error, description, message } = Object(JSON.parse(text)) as Record<string, unknown>;
    said = [error, description ?? message].filter((part) => typeof part === 'string').join(', ') || said;
  } catch {
    // Not JSON: most likely a page for people.
  }
  return said === '' ? '' : ` (${said.replaceAll(/\s+/g, ' ').slice(0, 200)})`;
}

function reason(cause: unknown): string {
  const error = cause as Error & { cause?: Error & { code?: string } };
  return error.cause?.code ?? error.cause?.message ?? error.message;
}

/** The address as it may be printed: no password, no query. */
function withoutSecrets(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
