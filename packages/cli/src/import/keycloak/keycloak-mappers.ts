import { isReservedClaim } from '../../../../protocol/src/reserved-claim.js';
import type { JsonObject } from '../../connection.js';
import { unsupported } from '../source.js';
import { isObject, listOf, type SourceObject } from '../source-object.js';
import type { Realm } from './realm.js';

const NAME = /^[\x21-\x7E]{1,255}$/;

/** Claims and audiences that fixed mappers of a client add to its access tokens. */
export function claimsOfMappers(
  object: SourceObject,
  realm: Realm,
): { claims: JsonObject; audiences: string[] } {
  const mappers = listOf(object.peek('protocolMappers')).filter(isObject);
  const audiences = [...new Set(realm.audiencesOfMappers(mappers))];
  const claims: JsonObject = {};
  const others: string[] = [];
  for (const { name, protocolMapper, config } of mappers) {
    if (protocolMapper === 'oidc-audience-mapper') continue;
    const claim =
      protocolMapper === 'oidc-hardcoded-claim-mapper' && isObject(config) ? claimOf(config) : undefined;
    if (claim) claims[claim.name] = claim.value;
    else if (!OF_SERVICE_ACCOUNTS.has(String(name))) others.push(String(name));
  }
  if (others.length > 0) {
    object.lost(
      'protocolMappers',
      unsupported(`${others.join(', ')}: only fixed audiences and claims are imported`),
    );
  } else object.changed('protocolMappers', '`audience` and `claims` of the Client');
  return { claims, audiences };
}

/** Keycloak adds them to every service account; tokens here have `client_id`. */
const OF_SERVICE_ACCOUNTS: ReadonlySet<string> = new Set(['Client ID', 'Client Host', 'Client IP Address']);

function claimOf(config: JsonObject): { name: string; value: unknown } | undefined {
  const name = config['claim.name'];
  const text = config['claim.value'];
  const isFlat = typeof name === 'string' && NAME.test(name) && !name.includes('.') && !isReservedClaim(name);
  if (!isFlat || typeof text !== 'string' || config['access.token.claim'] === 'false') return undefined;
  switch (config['jsonType.label'] ?? 'String') {
    case 'String':
      return { name, value: text };
    case 'boolean':
      return { name, value: text === 'true' };
    case 'int':
    case 'long':
      return Number.isSafeInteger(Number(text)) ? { name, value: Number(text) } : undefined;
    case 'JSON':
      return jsonOf(name, text);
    default:
      return undefined;
  }
}

function jsonOf(name: string, text: string): { name: string; value: unknown } | undefined {
  try {
    return { name, value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}
