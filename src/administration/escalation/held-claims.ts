import { isDeepStrictEqual } from 'node:util';
import type { Client } from '../../clients/client.js';
import type { Claims } from '../../protocol/claims.js';
import type { Writer } from '../access/writer.js';
import type { Missing } from './missing.js';

const EVERY_RESOURCE = { resource: 'Resource', identifier: '*', operation: 'update' } as const;

/**
 * What the caller lacks for a client with these claims. They may carry power at any API, so a caller holds those of its own
 * client, and all of them if it may update every resource. A client may not change its own.
 */
export function missingForClaims(
  { client, holdings }: Pick<Writer, 'client' | 'holdings'>,
  before: Client | null,
  after: Client | null,
): Missing | undefined {
  const forms = [before, after].filter((form) => form !== null);
  if (forms.every(({ claims }) => claims === null) || holdings.may(EVERY_RESOURCE)) return undefined;
  const held = holdings.hasScope ? null : client.claims;
  const name = forms.map(({ claims }) => firstNotHeld(claims, held)).find((one) => one !== undefined);
  if (name !== undefined) return missing(name);
  const isOwn = after !== null && before?.id === client.id;
  return isOwn && !isDeepStrictEqual(before.claims, after.claims) ? missing() : undefined;
}

const firstNotHeld = (claims: Claims | null, held: Claims | null): string | undefined =>
  Object.keys(claims ?? {}).find((name) => !isDeepStrictEqual(claims?.[name], held?.[name]));

const missing = (name?: string): Missing => ({
  description: `the caller does not hold ${name === undefined ? 'a change of its own claims' : `the claim ${name}`}, and lacks Resource:*:update`,
  permission: 'Resource:*:update',
});
