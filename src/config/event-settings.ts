import { EVENT_TYPES, type EventType } from '../protocol/event-type.js';
import { InvalidSetting } from './invalid-setting.js';
import { isPublicAddress, literalAddress } from './public-address.js';
import { readWholeNumber } from './setting-kinds.js';
import type { ReadSetting } from './setting-reader.js';

/** The receiver of signed events. */
export interface WebhookSettings {
  readonly url: string;
  /** Each signs; several during a rotation. */
  readonly secrets: readonly string[];
  readonly events: readonly EventType[];
  /** Whether the URL may use http and lead to loopback, link-local and private addresses. */
  readonly allowPrivate: boolean;
}

const URL_SETTING = 'LATCHKEY_WEBHOOK_URL';
const SECRET = 'LATCHKEY_WEBHOOK_SECRET';
const EVENTS = 'LATCHKEY_WEBHOOK_EVENTS';

const MAX_URL_CHARACTERS = 2048;
/** Stricter than the URL parser: two slashes, no spaces. */
const ABSOLUTE = /^(https?):\/\/\S+$/i;
const BASE64 = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;
/** Standard Webhooks 1.0, "Signature scheme". */
const MIN_SECRET_BYTES = 24;
const MAX_SECRET_BYTES = 64;
const MAX_SECRETS = 2;

/** Absent unless a URL is set. */
export function readWebhookSettings(read: ReadSetting, allowPrivate: boolean): WebhookSettings | undefined {
  const [url, secrets, events] = [read(URL_SETTING), read(SECRET), read(EVENTS)];
  if (url === undefined) {
    if (secrets !== undefined) throw new InvalidSetting(SECRET, `requires ${URL_SETTING}`);
    if (events !== undefined) throw new InvalidSetting(EVENTS, `requires ${URL_SETTING}`);
    return undefined;
  }
  const fault = urlFault(url, allowPrivate);
  if (fault !== undefined) throw new InvalidSetting(URL_SETTING, fault);
  if (secrets === undefined) {
    throw new InvalidSetting(
      SECRET,
      `is required with ${URL_SETTING}: set it to whsec_ and 32 random bytes in Base64 (echo "whsec_$(openssl rand -base64 32)")`,
    );
  }
  return { url, secrets: readSecrets(secrets), events: readEvents(events), allowPrivate };
}

function urlFault(value: string, allowPrivate: boolean): string | undefined {
  const scheme = ABSOLUTE.exec(value)?.[1]?.toLowerCase();
  if (scheme === undefined || value.length > MAX_URL_CHARACTERS || !URL.canParse(value)) {
    return `must be an absolute URL of at most ${MAX_URL_CHARACTERS} characters`;
  }
  const unless = 'unless LATCHKEY_PRIVATE_WEBHOOK_URL=allow';
  if (scheme === 'http' && !allowPrivate) return `must start with https://, ${unless}`;
  const url = new URL(value);
  if (url.username || url.password || value.includes('#'))
    return 'must not contain user information or a fragment';
  const literal = literalAddress(url);
  if (!allowPrivate && literal !== undefined && !isPublicAddress(literal))
    return `must not be a private, loopback or reserved address, ${unless}`;
  return undefined;
}

function readSecrets(value: string): string[] {
  const secrets = value.split(',').map((secret) => secret.trim());
  if (secrets.length > MAX_SECRETS) {
    throw new InvalidSetting(SECRET, `must be at most ${MAX_SECRETS} secrets, separated by a comma`);
  }
  for (const secret of secrets) {
    const bytes = Buffer.from(BASE64.exec(secret)?.[1] ?? '', 'base64').length;
    if (bytes < MIN_SECRET_BYTES || bytes > MAX_SECRET_BYTES) {
      throw new InvalidSetting(
        SECRET,
        `must be whsec_ and ${MIN_SECRET_BYTES} to ${MAX_SECRET_BYTES} random bytes in Base64 (echo "whsec_$(openssl rand -base64 32)")`,
      );
    }
  }
  return secrets;
}

function readEvents(value: string | undefined): EventType[] {
  if (value === undefined) return [...EVENT_TYPES];
  const named = value.split(',').map((name) => name.trim());
  const events = EVENT_TYPES.filter((type) => named.includes(type));
  if (!named.every((name) => events.some((type) => type === name))) {
    throw new InvalidSetting(EVENTS, `must be a list of ${EVENT_TYPES.join(', ')}, separated by commas`);
  }
  return events;
}

/** From when on a state is worth an event. */
export interface WatchSettings {
  /** A client whose credentials were not used for so long; `LATCHKEY_UNUSED_CLIENT_DAYS`, 90. */
  readonly unusedClientDays: number;
  /** Refusals within five minutes; `LATCHKEY_REFUSAL_SPIKE_COUNT`, 100. */
  readonly refusalSpikeCount: number;
  /** How many times as many as usual; `LATCHKEY_REFUSAL_SPIKE_RATIO`, 5. */
  readonly refusalSpikeRatio: number;
}

export const readWatchSettings = (read: ReadSetting): WatchSettings => ({
  unusedClientDays: readWholeNumber(read, 'LATCHKEY_UNUSED_CLIENT_DAYS', { min: 1, max: 3650 }, '90'),
  refusalSpikeCount: readWholeNumber(read, 'LATCHKEY_REFUSAL_SPIKE_COUNT', { min: 1, max: 1_000_000 }, '100'),
  refusalSpikeRatio: readWholeNumber(read, 'LATCHKEY_REFUSAL_SPIKE_RATIO', { min: 1, max: 1000 }, '5'),
});
