import type { Resource, ResourceTokenSettings } from '../../resources/resource.js';
import { namedClients, referencesTo } from '../documents/client-reference.dto.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { headOf, present } from '../documents/meta.js';
import { stampOf } from '../documents/stored.js';
import type { ResourceMembers, ResourceTokenMembers } from './resource.dto.js';

export function resourceView(resource: Resource): JsonObject {
  const { introspectionClients } = resource;
  const token = present({
    access_token_expiration: resource.token.accessTokenExpirationSeconds,
    signing_alg: resource.token.signingAlg,
    profile: resource.token.profile,
  });
  return present({
    ...headOf('Resource', resource),
    name: resource.name ?? undefined,
    description: resource.description ?? undefined,
    audience: resource.audience ?? undefined,
    uri: resource.uri ?? undefined,
    public: resource.isPublic || undefined,
    operations: resource.operations,
    introspection_clients: introspectionClients.length > 0 ? referencesTo(introspectionClients) : undefined,
    token: Object.keys(token).length > 0 ? token : undefined,
    claims: resource.claims ?? undefined,
  });
}

export function resourceOf(
  members: ResourceMembers,
  id: string,
  current: Resource | null,
  now: number,
): Resource {
  const introspectionClients = namedClients(members.introspection_clients, '').map((named) => named.id);
  return {
    ...stampOf(id, current, now),
    name: members.name ?? null,
    description: members.description ?? null,
    // A resource with an address of its own has tokens of its own.
    audience: members.audience ?? members.uri ?? null,
    uri: members.uri ?? null,
    isPublic: members.public ?? false,
    operations: (members.operations ?? []).map(({ name, description }) =>
      description === undefined ? { name } : { name, description },
    ),
    introspectionClients: [...new Set(introspectionClients)],
    token: tokenOf(members.token ?? {}),
    claims: members.claims && Object.keys(members.claims).length > 0 ? members.claims : null,
  };
}

const tokenOf = (members: ResourceTokenMembers): ResourceTokenSettings =>
  present({
    accessTokenExpirationSeconds: members.access_token_expiration,
    signingAlg: members.signing_alg,
    profile: members.profile,
  });
