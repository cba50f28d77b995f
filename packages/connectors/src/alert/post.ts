import { LinnetError } from '@linnet/core';
import { retryAfterMs } from '../http/index.ts';

/** What a server made of a message. */
export type Answer =
  | { readonly taken: true }
  /** `later`: it may take it another time; `never`: it will not take this one, whatever is done. */
  | {
      readonly taken: false;
      readonly when: 'later' | 'never';
      readonly why: string;
      readonly afterMs?: number;
    };

export interface Message {
  readonly url: string;
  readonly body: Uint8Array;
  readonly headers: Readonly<Record<string, string>>;
}

const TIMEOUT_MS = 10_000;
/** The server understood and refuses the content: sending it again changes nothing. */
const REFUSED = new Set([400, 413, 415, 422]);

/**
 * Posts a body of a known length once. A redirect is not followed: what is sent may be secret.
 */
export async function post({ url, body, headers }: Message): Promise<Answer> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      body: body as Uint8Array<ArrayBuffer>,
      headers: { ...headers, 'content-type': 'application/json; charset=utf-8' },
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const said = await response.text().catch(() => '');
    if (response.ok) return { taken: true };
    const why =
      `${hostOf(url)} answered ${response.status} ${said.replaceAll(/\s+/g, ' ').slice(0, 100)}`.trimEnd();
    if (REFUSED.has(response.status)) return { taken: false, when: 'never', why };
    const afterMs = retryAfterMs(response.headers.get('retry-after'));
    return { taken: false, when: 'later', why, ...(afterMs !== undefined && { afterMs }) };
  } catch (cause) {
    const { name, message, cause: below } = cause as Error & { cause?: { code?: string; message?: string } };
    const why =
      name === 'TimeoutError'
        ? `no answer within ${TIMEOUT_MS / 1000} s`
        : (below?.code ?? below?.message ?? message);
    return { taken: false, when: 'later', why: `${hostOf(url)}: ${why}` };
  }
}

/**
 * The address from an option, else from the environment; its path and query can be secret and are never printed.
 * @throws LinnetError `config.invalid` naming the variable
 */
export function addressOf(url: string | undefined, variable: string, sink: string): string {
  const address = url ?? process.env[variable];
  if (address === undefined || address === '')
    throw new LinnetError(
      'config.invalid',
      `sink "${sink}": set the environment variable ${variable} to the address to post to`,
    );
  if (!URL.canParse(address) || !/^https?:$/.test(new URL(address).protocol))
    throw new LinnetError(
      'config.invalid',
      `sink "${sink}": the address in ${variable} is none: write it as https://host/path`,
    );
  return address;
}

function hostOf(url: string): string {
  return new URL(url).host;
}
