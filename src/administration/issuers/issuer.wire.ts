import type { Admission, TrustedIssuer } from '../../clients/federation/trusted-issuer.js';
import type { PublicKeySet } from '../../clients/private-key-jwt/keys/public-key.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { headOf, present } from '../documents/meta.js';
import { stampOf } from '../documents/stored.js';
import { type AdmissionMembers, type IssuerMembers, templateId } from './issuer.dto.js';

export const issuerView = (issuer: TrustedIssuer): JsonObject =>
  present({
    ...headOf('TrustedIssuer', issuer),
    name: issuer.name ?? undefined,
    description: issuer.description ?? undefined,
    issuer: issuer.issuer,
    jwks: issuer.jwks ?? undefined,
    jwks_uri: issuer.jwksUri ?? undefined,
    ca: issuer.ca ?? undefined,
    algs: issuer.algs ?? undefined,
    audiences: issuer.audiences ?? undefined,
    max_lifetime_seconds: issuer.maxLifetimeSeconds ?? undefined,
    replay: issuer.replay,
    shared: issuer.shared,
    pins: issuer.pins.length > 0 ? issuer.pins : undefined,
    admits: issuer.admits?.map(admissionView),
  });

/** Members that issuerFaults has validated are taken as they are. */
export const issuerOf = (
  members: IssuerMembers,
  id: string,
  current: TrustedIssuer | null,
  now: number,
): TrustedIssuer => ({
  ...stampOf(id, current, now),
  name: members.name ?? null,
  description: members.description ?? null,
  issuer: members.issuer as string,
  jwks: (members.jwks ?? null) as PublicKeySet | null,
  jwksUri: (members.jwks_uri ?? null) as string | null,
  ca: (members.ca ?? null) as string | null,
  algs: members.algs ?? null,
  audiences: members.audiences ?? null,
  maxLifetimeSeconds: members.max_lifetime_seconds ?? null,
  replay: members.replay ?? 'once',
  shared: members.shared ?? false,
  pins: members.pins ?? [],
  admits: members.admits?.length ? members.admits.map(admissionOf) : null,
});

const ANY_SUBJECT = '**';

const admissionView = ({ subject, claims, template }: Admission): JsonObject =>
  present({
    subject,
    claims: Object.keys(claims).length > 0 ? claims : undefined,
    template: { resourceType: 'Client', id: template },
  });

const admissionOf = ({ subject = ANY_SUBJECT, claims = {}, template }: AdmissionMembers): Admission => ({
  ...{ subject, claims, template: templateId(template) ?? '' },
});
