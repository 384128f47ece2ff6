import type { ImportedDocuments } from './imported.js';
import { idFrom, isOperation } from './limits.js';

interface Api {
  audience: string;
  id: string | undefined;
  name: string | undefined;
  operations: Map<string, string | undefined>;
}

/** What a client is granted, in the order in which its tokens are for the audiences. */
type Grants = Map<string, Set<string>>;

/** Resources and policies of systems that have scopes or roles, but no resources: one resource for each audience. */
export class Catalog {
  private readonly apis = new Map<string, Api>();
  private readonly grants = new Map<string, Grants>();

  /** Adds an operation; the first call chooses the `id`. */
  operation(
    audience: string,
    operation: string,
    more: { description?: string; id?: string; name?: string } = {},
  ) {
    const api: Api = this.apis.get(audience) ?? {
      audience,
      id: undefined,
      name: undefined,
      operations: new Map(),
    };
    this.apis.set(audience, api);
    api.id ??= more.id;
    api.name ??= more.name;
    if (!api.operations.get(operation)) api.operations.set(operation, more.description);
  }

  /** Returns false if no operation can have the name. */
  grant(clientId: string, audience: string, operation: string): boolean {
    if (!isOperation(operation)) return false;
    this.operation(audience, operation);
    const grants = this.grants.get(clientId) ?? new Map<string, Set<string>>();
    this.grants.set(clientId, grants);
    grants.set(audience, (grants.get(audience) ?? new Set()).add(operation));
    return true;
  }

  audiencesOf(clientId: string): string[] {
    return [...(this.grants.get(clientId)?.keys() ?? [])];
  }

  /** Adds a Resource for each audience and an AccessPolicy for each client. */
  write(documents: ImportedDocuments, origin: string): void {
    const ids = new Map<string, string>();
    for (const { audience, id, name, operations } of this.apis.values()) {
      const own = idFrom(id ?? audience, (each) => documents.has('Resource', each));
      ids.set(audience, own);
      const listed = [...operations].map(([each, description]) => ({
        name: each,
        ...(description ? { description } : {}),
      }));
      const body = { ...(name === undefined ? {} : { name }), audience, operations: listed };
      documents.add({ type: 'Resource', id: own, body, origin });
    }
    for (const [clientId, grants] of this.grants) {
      const rules = [...grants].map(([audience, operations]) => ({
        effect: 'allow',
        resource: ids.get(audience) as string,
        identifier: '*',
        operations: [...operations],
      }));
      const body = { engine: 'rules', link: [{ resourceType: 'Client', id: clientId }], rules };
      documents.add({ type: 'AccessPolicy', id: clientId, body, origin });
    }
  }
}
