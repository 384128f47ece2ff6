import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { places } from '../database/durable-writer.js';
import { UnitOfWork } from '../database/unit-of-work.js';
import { nowMilliseconds } from '../runtime/clock.js';
import type { Client } from './client.js';
import { ClientsRepository } from './clients.repository.js';
import { anchorKey } from './federation/federated-rules.repository.js';
import { anchorsFor, fitsSubject, isPattern } from './federation/subject-pattern.js';
import type { FederatedRule } from './federation/trusted-issuer.js';
import type { PublicKeySet } from './private-key-jwt/keys/public-key.js';

export const CREDENTIAL_KINDS = ['secret', 'key', 'jwks_uri', 'federated'] as const;

export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** Another client, and which of its credentials are also credentials of the first. */
export interface Sharer {
  id: string;
  shares: CredentialKind[];
}

/** More are not compared. */
const MAX_CANDIDATES = 500;

/** Finds the clients that one leaked credential would authenticate as well. */
@Injectable()
export class CredentialSharers {
  constructor(
    private readonly clients: ClientsRepository,
    private readonly unitOfWork: UnitOfWork,
  ) {}

  /** By id, and whether there may be more. */
  async of(client: Client): Promise<{ sharers: Sharer[]; more: boolean }> {
    const [bySecret, byKey, byRule] = await this.unitOfWork.query(
      async (manager) =>
        [
          await clientsWithSecretOf(manager, client.id),
          await clientsWithKeyOf(manager, client),
          await clientsWithRuleOf(manager, client),
        ] as const,
    );
    const candidates = [...new Set([...bySecret, ...byKey, ...byRule])];
    const compared = await this.clients.findMany(candidates.slice(0, MAX_CANDIDATES));
    const sharers = compared.map((other) => ({
      id: other.id,
      shares: CREDENTIAL_KINDS.filter((kind) =>
        kind === 'secret' ? bySecret.includes(other.id) : SHARED[kind](client, other),
      ),
    }));
    return {
      sharers: sharers.filter(({ shares }) => shares.length > 0),
      more: candidates.length > MAX_CANDIDATES,
    };
  }
}

/** Equal generated secrets have equal digests, as have imported hashes; a chosen secret has a salt of its own. */
async function clientsWithSecretOf(manager: EntityManager, id: string): Promise<string[]> {
  const now = nowMilliseconds();
  return idsOf(
    await manager.query(
      `SELECT DISTINCT other.client_id AS id FROM client_secret own JOIN client_secret other
         ON other.digest = own.digest AND other.client_id <> own.client_id
       WHERE own.client_id = ? AND (own.expires_at IS NULL OR own.expires_at > ?)
         AND (other.expires_at IS NULL OR other.expires_at > ?) LIMIT ${MAX_CANDIDATES + 1}`,
      [id, now, now],
    ),
  );
}

async function clientsWithKeyOf(manager: EntityManager, client: Client): Promise<string[]> {
  const parts = [...materialOf(client.jwks)].map((part) => JSON.stringify(part));
  const demands = parts.map(() => 'INSTR(c.jwks, ?) > 0');
  const values = [...parts];
  if (client.jwksUri !== null) {
    demands.push('c.jwks_uri = ?');
    values.push(client.jwksUri);
  }
  if (demands.length === 0) return [];
  return idsOf(
    await manager.query(
      `SELECT c.id AS id FROM client c WHERE c.id <> ? AND (${demands.join(' OR ')})
       ORDER BY c.id LIMIT ${MAX_CANDIDATES + 1}`,
      [client.id, ...values],
    ),
  );
}

/** Those with a rule that a token for one of these rules may fit as well. */
async function clientsWithRuleOf(manager: EntityManager, { id, federated }: Client): Promise<string[]> {
  const found: string[] = [];
  for (const { issuerId, subject } of federated ?? []) {
    // What a pattern covers has no key of its own in the index.
    const anchors = isPattern(subject) ? [] : anchorsFor(subject).map(anchorKey);
    const isIndexed = anchors.length > 0 ? `AND anchor IN (${places(anchors)})` : '';
    const rows = await manager.query(
      `SELECT DISTINCT client_id AS id FROM federated_rule WHERE issuer_id = ? ${isIndexed}
       AND client_id <> ? ORDER BY client_id LIMIT ${MAX_CANDIDATES + 1}`,
      [issuerId, ...anchors, id],
    );
    found.push(...idsOf(rows));
  }
  return found;
}

const SHARED: Record<Exclude<CredentialKind, 'secret'>, (one: Client, other: Client) => boolean> = {
  key: (one, other) => {
    const known = materialOf(one.jwks);
    return [...materialOf(other.jwks)].some((part) => known.has(part));
  },
  jwks_uri: (one, other) => one.jwksUri !== null && one.jwksUri === other.jwksUri,
  federated: (one, other) =>
    (one.federated ?? []).some((rule) => (other.federated ?? []).some((second) => overlap(rule, second))),
};

/** Whether one of the two subjects fits the other. */
const overlap = (one: FederatedRule, other: FederatedRule): boolean =>
  one.issuerId === other.issuerId &&
  (one.subject === other.subject ||
    fitsSubject(one.subject, other.subject) ||
    fitsSubject(other.subject, one.subject));

/** The identity of each key: its modulus or its point. */
function materialOf(jwks: PublicKeySet | null): Set<string> {
  const keys = (jwks?.keys ?? []) as readonly { n?: unknown; x?: unknown }[];
  return new Set(keys.map(({ n, x }) => n ?? x).filter((part) => typeof part === 'string'));
}

const idsOf = (rows: readonly { id: unknown }[]): string[] => rows.map(({ id }) => String(id));
