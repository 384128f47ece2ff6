import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ALL } from '../../../packages/protocol/src/scope-item.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { KeyRing } from '../../keys/key-ring.service.js';
import { isId } from '../../protocol/identifier.js';
import { conflict, notFound, Problem, wrongMembers } from '../../protocol/problem.js';
import { TemporarilyUnavailable } from '../../protocol/unavailable.js';
import type { Caller } from '../access/permissions.js';
import { lacking, Permits } from '../access/permits.js';
import { Writers } from '../access/writer.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { headOf } from '../documents/meta.js';
import type { Stored } from '../documents/stored.js';
import { ID_MESSAGE } from '../documents/written.dto.js';
import { ConfigurationSteps, type GivenWrite } from './configuration-steps.js';
import type { ConfigurationType } from './configuration-type.js';
import type { Preconditions } from './preconditions.js';
import { Unchanged } from './unchanged.js';

/** A body that is not parsed before the permission to write is known. */
interface GivenBody {
  read(): JsonObject;
}

/** The result of a write. */
export interface Saved {
  id: string;
  version: number;
  created: boolean;
  /** The document, with the members that only this response contains. */
  document: JsonObject;
}

/**
 * Creates, replaces and patches configuration of any type. Permissions are checked before the body is read, and again
 * inside the transaction, against the state found there.
 */
@Injectable()
export class ConfigurationWrites {
  constructor(
    private readonly permits: Permits,
    private readonly writers: Writers,
    private readonly revision: ConfigurationRevision,
    private readonly keys: KeyRing,
    private readonly steps: ConfigurationSteps,
  ) {}

  async create<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    given: GivenBody,
  ): Promise<Saved> {
    const body = await this.readNew(type, caller, given);
    const id = isId(body.id) ? body.id : randomUUID();
    const prepared = await type.prepare(id, body, 'POST');
    const stored = await this.revision.change(type.kinds, async () => {
      const writer = await this.writers.require(caller, type.name, id, 'create');
      if (await type.find(id)) throw conflict(`${type.name}/${id} already exists`);
      return this.save(type, { writer, id, current: null, body, prepared });
    });
    return this.settled(type, caller, stored, { created: true, shownOnce: type.shownOnce(prepared) });
  }

  /** Creates what does not exist. */
  async replace<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    id: string,
    given: GivenBody,
    preconditions: Preconditions,
  ): Promise<Saved> {
    const operation = isId(id) && (await type.find(id)) ? 'update' : 'create';
    await this.permits.requireToPut(caller, type.name, id, operation);
    if (!isId(id)) throw wrongMembers([{ path: 'id', message: ID_MESSAGE }]);
    const body = given.read();
    const prepared = await type.prepare(id, body, 'PUT');
    const { current, stored } = await this.replaced(type, async () => {
      const current = await type.find(id);
      // The document may have been created or deleted in the meantime.
      const writer = await this.writers.require(caller, type.name, id, current ? 'update' : 'create');
      preconditions.assertHold(current?.version ?? null);
      return { current, stored: await this.save(type, { writer, id, current, body, prepared }) };
    });
    return this.settled(type, caller, stored, { created: current === null });
  }

  async patch<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    id: string,
    given: GivenBody,
    preconditions: Preconditions,
  ): Promise<Saved> {
    if (!isId(id) || !(await type.find(id))) throw notFound(type.name, id);
    const patch = given.read();
    const prepared = await type.prepare(id, patch, 'PATCH');
    const { stored } = await this.replaced(type, async () => {
      const writer = await this.writers.require(caller, type.name, id, 'update');
      const current = await type.find(id);
      if (!current) throw notFound(type.name, id);
      preconditions.assertHold(current.version);
      const body = this.steps.merge(type, writer, current, patch);
      return { current, stored: await this.save(type, { writer, id, current, body, prepared, patch }) };
    });
    return this.settled(type, caller, stored, { created: false });
  }

  /** Runs a write that may change nothing. */
  private async replaced<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    work: () => Promise<Replacement<T>>,
  ): Promise<Replacement<T>> {
    try {
      return await this.revision.change(type.kinds, work);
    } catch (error) {
      if (!(error instanceof Unchanged)) throw error;
      const stored = error.stored as T;
      return { current: stored, stored };
    }
  }

  private async save<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    write: GivenWrite<T, P>,
  ): Promise<T> {
    const stored = await this.steps.save(type, write);
    if (stored === write.current) throw new Unchanged(stored);
    return stored;
  }

  /** A caller that may not create every id may still create the one that its body names. */
  private async readNew<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    given: GivenBody,
  ): Promise<JsonObject> {
    if (await this.permits.has(caller, type.name, ALL, 'create')) return given.read();
    // A caller without any permission must not make the server parse a body.
    if (!(await this.permits.hasAny(caller, type.name))) throw lacking(type.name, ALL, 'create');
    const body = readOrNothing(given);
    await this.permits.require(caller, type.name, typeof body.id === 'string' ? body.id : ALL, 'create');
    return body;
  }

  /** A caller that may not read the document gets its head only: an empty patch must not show the rest. */
  private async settled<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    stored: T,
    { created, shownOnce = {} }: { created: boolean; shownOnce?: JsonObject },
  ): Promise<Saved> {
    const alg = type.signingAlg(stored);
    if (alg) await this.keys.ensure(alg).catch(ignoreUnavailable);
    await type.settle(stored);
    const { id, version } = stored;
    const isReadable = await this.permits.has(caller, type.name, id, 'read');
    const shown = isReadable ? type.view(stored) : headOf(type.name, stored);
    return { id, version, created, document: { ...shown, ...shownOnce } };
  }
}

interface Replacement<T> {
  current: T | null;
  stored: T;
}

/** The write is committed; a key that cannot be created now is created when a token needs it. */
function ignoreUnavailable(error: unknown): void {
  if (!(error instanceof TemporarilyUnavailable)) throw error;
}

function readOrNothing(given: GivenBody): JsonObject {
  try {
    return given.read();
  } catch (error) {
    if (error instanceof Problem) return {};
    throw error;
  }
}
