import { isUtf8 } from 'node:buffer';

/** Any number of spaces, and nothing else, may separate them (RFC 9110 11.4). */
const BASIC = /^Basic +([A-Za-z0-9+/]+={0,2})$/i;
const BARE_BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused (RFC 7617 2).
const CONTROL = /[\x00-\x1F\x7F]/;

export interface BasicCredential {
  clientId: string;
  clientSecret: string;
}

/** Both readings of a secret if they differ; the id is form-decoded if the header can be. */
export interface FormBasicCredential extends BasicCredential {
  secretAsSent?: string;
}

/**
 * Parses an Authorization header of the Basic scheme strictly (RFC 7617 2): split at the first colon, nothing
 * decoded. Returns undefined in case of doubt.
 */
export function readBasicHeader(header: string): BasicCredential | undefined {
  const encoded = BASIC.exec(header)?.[1];
  return encoded === undefined ? undefined : readUserPass(encoded);
}

/**
 * Parses it as an OAuth endpoint: both parts form-decoded (RFC 6749 2.3.1). Many clients do not encode them, so the
 * secret is also read as is. No client id has a character that form-decoding changes, so there is one reading of the
 * id.
 */
export function readFormBasicHeader(header: string): FormBasicCredential | undefined {
  const sent = readBasicHeader(header);
  if (!sent) return undefined;
  const clientId = formDecode(sent.clientId);
  const clientSecret = formDecode(sent.clientSecret);
  if (!clientId || !clientSecret) return sent;
  const hasTwoReadings = clientSecret !== sent.clientSecret && clientId === sent.clientId;
  return { clientId, clientSecret, ...(hasTwoReadings ? { secretAsSent: sent.clientSecret } : {}) };
}

/** The early Aidbox page prints the credentials without a scheme; answers the header that was meant. */
export function withBasicScheme(header: string): string | undefined {
  return BARE_BASE64.test(header) && readUserPass(header) ? `Basic ${header}` : undefined;
}

function readUserPass(encoded: string): BasicCredential | undefined {
  const bytes = Buffer.from(encoded, 'base64');
  if (bytes.toString('base64').replace(/={1,2}$/, '') !== encoded.replace(/={1,2}$/, '') || !isUtf8(bytes))
    return undefined;
  const text = bytes.toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0 || CONTROL.test(text)) return undefined;
  const clientId = text.slice(0, colon);
  const clientSecret = text.slice(colon + 1);
  return clientId && clientSecret ? { clientId, clientSecret } : undefined;
}

function formDecode(value: string): string | undefined {
  try {
    return decodeURIComponent(value.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}
