import type { Settings } from './options.js';
import { unavailable } from './refusal.js';

export interface ServerAnswer {
  status: number;
  text: string;
}

/** One request to the server; a timeout counts as an unavailable server. Redirects are not followed. */
export async function fetchFromServer(
  what: string,
  url: string,
  { fetch, timeoutSeconds }: Pick<Settings, 'fetch' | 'timeoutSeconds'>,
  { headers, ...init }: RequestInit = {},
): Promise<ServerAnswer> {
  try {
    const answer = await fetch(url, {
      ...init,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutSeconds * 1000),
      headers: { accept: 'application/json', ...headers },
    });
    return { status: answer.status, text: await answer.text() };
  } catch (cause) {
    throw unavailable(`${what} cannot be read`, cause);
  }
}

/** The JSON object of a 200 response. */
export function readObject(what: string, { status, text }: ServerAnswer): Record<string, unknown> {
  if (status !== 200) throw unavailable(`${what}: the server answered ${status}`);
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) throw unavailable(`${what} is not a JSON object`);
  return value as Record<string, unknown>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
