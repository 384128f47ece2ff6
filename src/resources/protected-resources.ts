import { Injectable } from '@nestjs/common';
import { parseScopeItem } from '../../packages/protocol/src/scope-item.js';
import { Settings } from '../config/settings.js';
import type { ResourceMetadata } from '../protocol/messages/resource-metadata.js';
import type { Catalog } from './catalog.js';
import type { Resource } from './resource.js';
import { ResourceCatalog } from './resource-catalog.js';

/** RFC 9728 3.1: between the host and the path of a resource. */
export const RESOURCE_METADATA_PATH = '/.well-known/oauth-protected-resource';

/** The address of the resource in the administration API: no other resource is at such a path of this host. */
const BY_ID = '/Resource/';

/** The metadata of the resources that have a `uri` (RFC 9728). */
@Injectable()
export class ProtectedResources {
  constructor(
    private readonly catalog: ResourceCatalog,
    private readonly settings: Settings,
  ) {}

  /** `path` is that of a resource at the public URL of this server, or leads to any resource by its id. */
  async metadataAt(path: string): Promise<ResourceMetadata | undefined> {
    const catalog = await this.catalog.current();
    const resource = path.startsWith(BY_ID)
      ? catalog.find(path.slice(BY_ID.length))
      : catalog.withUri(this.settings.publicUrl + path);
    return resource?.uri == null ? undefined : this.metadataOf(resource, resource.uri, catalog);
  }

  /** The URL of the metadata of the resource that a request needs; undefined if that has no `uri`. */
  async metadataUrlFor(items: readonly string[], audiences: readonly string[]): Promise<string | undefined> {
    const catalog = await this.catalog.current();
    const resource = neededResource(items, audiences, catalog);
    return resource && `${this.settings.publicUrl}${RESOURCE_METADATA_PATH}${BY_ID}${resource.id}`;
  }

  /** RFC 9728 2. The operations of a resource are not published unless it is marked public. */
  private metadataOf(resource: Resource, uri: string, catalog: Catalog): ResourceMetadata {
    const scopes = resource.isPublic ? publicScopes(catalog.withAudience(catalog.audienceOf(resource))) : [];
    return {
      resource: uri,
      authorization_servers: [this.settings.rootIssuer],
      bearer_methods_supported: ['header'],
      ...(resource.isPublic && resource.name !== null ? { resource_name: resource.name } : {}),
      ...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
    };
  }
}

/** By their bare names, which mean the operations of a token's audience. */
const publicScopes = (sharers: readonly Resource[]): string[] => [
  ...new Set(
    sharers.flatMap(({ isPublic, operations }) => (isPublic ? operations.map(({ name }) => name) : [])),
  ),
];

function neededResource(
  items: readonly string[],
  audiences: readonly string[],
  catalog: Catalog,
): Resource | undefined {
  const named = items.map((item) => catalog.find(parseScopeItem(item)?.resource ?? ''));
  const own = named.find((resource) => resource?.uri != null);
  if (own) return own;
  const needed = [...audiences, ...named.flatMap((one) => (one ? [catalog.audienceOf(one)] : []))];
  return needed.flatMap((audience) => [...catalog.withAudience(audience)]).find(({ uri }) => uri != null);
}
