import { useSyncExternalStore } from 'react';
import { errorOf, unreachable } from './api-error.ts';

interface Session {
  clientId: string;
  token: string;
}

/** In memory only: a reload, or closing the tab, forgets it. */
let session: Session | undefined;
/** Why the last session ended, for the sign-in page. */
let endedBy: string | undefined;
const listeners = new Set<() => void>();

function become(next: Session | undefined, reason?: string): void {
  session = next;
  endedBy = reason;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const currentSession = (): Session | undefined => session;

export const useSession = (): Session | undefined => useSyncExternalStore(subscribe, currentSession);

export const useEndOfSession = (): string | undefined => useSyncExternalStore(subscribe, () => endedBy);

/** RFC 6749 2.3.1: both are form-encoded before Base64. */
function basicOf(clientId: string, secret: string): string {
  const encoded = [clientId, secret].map((part) => new URLSearchParams({ part }).toString().slice(5));
  return `Basic ${btoa(encoded.join(':'))}`;
}

async function postForm(
  path: string,
  clientId: string,
  secret: string,
  form: Record<string, string>,
): Promise<Record<string, unknown>> {
  const response = await fetch(path, {
    method: 'POST',
    credentials: 'omit',
    headers: { authorization: basicOf(clientId, secret) },
    body: new URLSearchParams(form),
  }).catch(() => {
    throw unreachable(false);
  });
  const body = await response.json().catch(() => undefined);
  if (!response.ok) throw errorOf(response.status, body);
  return body as Record<string, unknown>;
}

/** Without scope and audience it is for this server itself, whose policies then decide at each request. */
export const requestToken = (clientId: string, secret: string, parameters: Record<string, string> = {}) =>
  postForm('/auth/token', clientId, secret, { grant_type: 'client_credentials', ...parameters });

export const introspect = (token: string, clientId: string, secret: string) =>
  postForm('/auth/introspect', clientId, secret, { token });

export async function signIn(clientId: string, secret: string): Promise<void> {
  const { access_token } = await requestToken(clientId, secret);
  become({ clientId, token: String(access_token) });
}

/** Closes the token's session at the server; here it is forgotten even if the server does not answer. */
export async function signOut(): Promise<void> {
  const token = session?.token;
  become(undefined);
  if (token === undefined) return;
  await fetch('/Session', {
    method: 'DELETE',
    credentials: 'omit',
    headers: { authorization: `Bearer ${token}` },
  }).catch(() => undefined);
}

export function endSession(reason: string): void {
  if (session !== undefined) become(undefined, reason);
}
