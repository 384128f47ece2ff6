import { Injectable } from '@nestjs/common';
import { OWN_TYPES, type OwnType } from '../../../packages/protocol/src/own-type.js';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { UNNAMED } from '../../policies/compiled-policies.js';
import { CompiledPolicyCache } from '../../policies/compiled-policy-cache.js';
import { type Caller, Permissions } from './permissions.js';
import type { AdminOperation } from './permits.js';

/** On which documents of a type an operation is permitted. */
export type Extent = 'all' | 'some' | 'none';

export type TypeExtents = Partial<Record<AdminOperation, Extent>>;

const OPERATIONS: Readonly<Record<OwnType, readonly AdminOperation[]>> = {
  Client: ['read', 'create', 'update', 'delete', 'rotate'],
  Resource: ['read', 'create', 'update', 'delete'],
  AccessPolicy: ['read', 'create', 'update', 'delete'],
  TrustedIssuer: ['read', 'create', 'update', 'delete'],
  Session: ['read', 'delete'],
  SigningKey: ['read', 'rotate'],
  AuditEvent: ['read'],
};

/** Rules that name more documents are not judged one by one. */
const MAX_NAMED = 100;

/** What a caller may do on this server, so that a page offers only that. Each request is decided anew. */
@Injectable()
export class Extents {
  constructor(
    private readonly permissions: Permissions,
    private readonly policies: CompiledPolicyCache,
  ) {}

  async ofAll(caller: Caller): Promise<Record<string, TypeExtents>> {
    const extents: Record<string, TypeExtents> = {};
    for (const type of OWN_TYPES) {
      extents[type] = await this.byOperation(type, (operation) => this.extent(caller, type, operation));
    }
    return extents;
  }

  /** On one document, whether it exists or not. */
  ofDocument(caller: Caller, type: OwnType, id: string): Promise<TypeExtents> {
    return this.byOperation(type, async (operation) =>
      (await this.permissions.allows(caller, { resource: type, identifier: id, operation })) ? 'all' : 'none',
    );
  }

  private async byOperation(
    type: OwnType,
    judge: (operation: AdminOperation) => Promise<Extent>,
  ): Promise<TypeExtents> {
    const extents: TypeExtents = {};
    for (const operation of OPERATIONS[type]) extents[operation] = await judge(operation);
    return extents;
  }

  private async extent(caller: Caller, type: OwnType, operation: AdminOperation): Promise<Extent> {
    const allows = (identifier: string) =>
      this.permissions.allows(caller, { resource: type, identifier, operation });
    if (await allows(ALL)) return 'all';
    // All documents but those that a deny rule names.
    if (await allows(UNNAMED)) return 'some';
    const named = (await this.policies.ofClient(caller.clientId)).identifiersOf(type, operation);
    if (named.length > MAX_NAMED) return 'some';
    for (const identifier of named) if (await allows(identifier)) return 'some';
    return 'none';
  }
}
