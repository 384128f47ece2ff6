import type { JsonObject } from '../../connection.js';
import type { Catalog } from '../catalog.js';
import type { ImportedDocuments } from '../imported.js';
import { isAudience, isId, isLifetime } from '../limits.js';
import { isObject, listOf } from '../source-object.js';
import { isBuiltInRole, OWN_CLIENTS } from './keycloak-members.js';

const ALGS = ['RS256', 'PS256', 'ES256', 'EdDSA'];

/** A client scope that becomes an operation. */
export interface ScopeInRealm {
  name: string;
  description: string | undefined;
  /** Audiences that its mappers name; none: those of the client, or the realm's. */
  audiences: string[];
}

/** Whether a client is imported: it has a service account and an id that is one here. */
export const isMachine = ({ clientId, ...client }: JsonObject): boolean =>
  isId(clientId) &&
  !OWN_CLIENTS.has(clientId) &&
  client.serviceAccountsEnabled === true &&
  client.publicClient !== true &&
  client.bearerOnly !== true &&
  client.protocol !== 'saml';

/** A realm while it is imported. */
export class Realm {
  readonly name: string;
  /** Of scopes without an audience, and of realm roles. */
  readonly audience: string;
  readonly lifetime: number | undefined;
  readonly alg: string | undefined;
  readonly scopes = new Map<string, ScopeInRealm>();
  /** Those that are imported. */
  readonly clientIds = new Set<string>();
  /** The roles within composite ones, by `realm` or the id of a client, and name. */
  private readonly composites = new Map<string, { of: string; role: string }[]>();

  constructor(
    private readonly object: JsonObject,
    readonly catalog: Catalog,
    audience: string | undefined,
  ) {
    this.name = typeof object.realm === 'string' ? object.realm : 'keycloak';
    const own = `urn:keycloak:${this.name.replace(/[^\x21\x23-\x5B\x5D-\x7E]/g, '-')}`;
    this.audience = audience ?? own;
    this.lifetime = isLifetime(object.accessTokenLifespan) ? object.accessTokenLifespan : undefined;
    const { defaultSignatureAlgorithm: alg } = object;
    this.alg = typeof alg === 'string' && ALGS.includes(alg) ? alg : undefined;
    for (const client of listOf(object.clients).filter(isObject)) {
      if (isMachine(client)) this.clientIds.add(client.clientId as string);
    }
  }

  /** The audience of tokens for a client that is an API: its id, unless a client of that id is imported. */
  audienceOf(clientId: string): string {
    const isFree = isAudience(clientId) && !this.clientIds.has(clientId);
    return isFree
      ? clientId
      : `urn:keycloak:${this.name}:${clientId.replace(/[^\x21\x23-\x5B\x5D-\x7E]/g, '-')}`;
  }

  /** The audiences of mappers that add them to access tokens. */
  audiencesOfMappers(mappers: unknown): string[] {
    return listOf(mappers)
      .filter(isObject)
      .flatMap((mapper) => {
        const config = isObject(mapper.config) ? mapper.config : {};
        if (mapper.protocolMapper !== 'oidc-audience-mapper' || config['access.token.claim'] === 'false')
          return [];
        const client = config['included.client.audience'];
        const custom = config['included.custom.audience'];
        if (typeof client === 'string' && client !== '') return [this.audienceOf(client)];
        return isAudience(custom) ? [this.clientIds.has(custom) ? this.audienceOf(custom) : custom] : [];
      });
  }

  /** Makes a role an operation, and those within it known. */
  role(
    of: string,
    role: string,
    description: string | undefined,
    parts: { of: string; role: string }[],
  ): void {
    this.composites.set(`${of}\0${role}`, parts);
    const id = of === REALM ? this.name : of;
    const audience = this.audienceOfRoles(of);
    this.catalog.operation(audience, role, { id, ...(description === undefined ? {} : { description }) });
  }

  /** Grants a role, and those within it, as far as the client's tokens may carry them; returns those that cannot be operations. */
  grantRole(client: JsonObject, of: string, role: string, seen = new Set<string>()): string[] {
    const key = `${of}\0${role}`;
    if (seen.has(key) || isBuiltInRole(role) || OWN_CLIENTS.has(of)) return [];
    seen.add(key);
    const parts = this.composites.get(key) ?? [];
    const wrong = parts.flatMap((part) => this.grantRole(client, part.of, part.role, seen));
    if (!this.inScope(client, of, role)) return wrong;
    const isGranted = this.catalog.grant(client.clientId as string, this.audienceOfRoles(of), role);
    return isGranted ? wrong : [...wrong, role];
  }

  private audienceOfRoles(of: string): string {
    return of === REALM ? this.audience : this.audienceOf(of);
  }

  /** `fullScopeAllowed`, the client's own roles, or a mapping of its scope. */
  private inScope(client: JsonObject, of: string, role: string): boolean {
    if (client.fullScopeAllowed !== false || of === client.clientId) return true;
    const mappings = of === REALM ? this.object.scopeMappings : mappingsOf(this.object, of);
    return listOf(mappings)
      .filter(isObject)
      .some(({ client: id, roles }) => id === client.clientId && listOf(roles).includes(role));
  }

  clientOf(clientId: string): JsonObject | undefined {
    return listOf(this.object.clients)
      .filter(isObject)
      .find((client) => client.clientId === clientId);
  }

  /** Writes resources and policies, and the audiences of the clients. */
  finish(documents: ImportedDocuments): void {
    for (const id of this.clientIds) {
      const client = documents.find('Client', id);
      if (!client) continue;
      const { auth } = client.body as { auth?: { client_credentials?: JsonObject } };
      const settings = auth?.client_credentials ?? {};
      const listed = listOf(settings.audience) as string[];
      const audience = [...new Set([...listed, ...this.catalog.audiencesOf(id)])];
      if (audience.length > 0) client.body.auth = { client_credentials: { ...settings, audience } };
    }
    this.catalog.write(documents, `realm ${this.name}`);
  }
}

export const REALM = '\0realm';

const mappingsOf = ({ clientScopeMappings }: JsonObject, of: string): unknown =>
  isObject(clientScopeMappings) ? clientScopeMappings[of] : undefined;
