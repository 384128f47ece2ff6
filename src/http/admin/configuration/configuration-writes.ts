import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { ALL } from '../../../../packages/protocol/src/scope-item.js';
import { ConfigurationRevision } from '../../../database/configuration-revision.js';
import { KeyRing } from '../../../keys/key-ring.service.js';
import { isId } from '../../../protocol/identifier.js';
import { conflict, notFound, Problem, wrongMembers } from '../../../protocol/problem.js';
import { TemporarilyUnavailable } from '../../../protocol/unavailable.js';
import type { Caller } from '../../../tokens/permissions.js';
import { lacking, Permits } from '../access/permits.js';
import { Writers } from '../access/writer.js';
import { type Answer, NO_CONTENT, ok } from '../answer/answer.js';
import { readBody } from '../body/body-reader.js';
import type { JsonObject } from '../body/merge-patch.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { ConfigurationAudit } from './configuration-audit.js';
import type { ConfigurationType, Stored, Write } from './configuration-type.js';
import { etagOf } from './meta.js';
import { refuseStale } from './preconditions.js';
import { DryRunEnded, dryRunAnswer, isDryRun, NOTHING_ELSE, type Removal, removalAnswer } from './removal.js';
import { Unchanged } from './unchanged.js';
import { ID_MESSAGE } from './written.dto.js';

/**
 * Creates, replaces, patches and removes configuration of any type. Permissions are checked before the body is read,
 * and again inside the transaction, against the state found there.
 */
@Injectable()
export class ConfigurationWrites {
  constructor(
    private readonly permits: Permits,
    private readonly writers: Writers,
    private readonly revision: ConfigurationRevision,
    private readonly keys: KeyRing,
    private readonly audit: ConfigurationAudit,
  ) {}

  async post<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    request: AdminRequest,
  ): Promise<Answer> {
    const body = await this.readNew(type, caller, request);
    const id = isId(body.id) ? body.id : randomUUID();
    const prepared = await type.prepare(id, body, 'POST');
    const stored = await this.revision.change(type.kinds, async () => {
      const writer = await this.writers.require(caller, type.name, id, 'create');
      if (await type.find(id)) throw conflict(`${type.name}/${id} already exists`);
      return this.save(type, { writer, id, current: null, body, prepared });
    });
    return this.settled(type, stored, 201, type.shownOnce(prepared));
  }

  async put<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    request: AdminRequest,
    id: string,
  ): Promise<Answer> {
    const operation = isId(id) && (await type.find(id)) ? 'update' : 'create';
    await this.permits.require(caller, type.name, id, operation);
    if (!isId(id)) throw wrongMembers([{ path: 'id', message: ID_MESSAGE }]);
    const body = readBody(request);
    const prepared = await type.prepare(id, body, 'PUT');
    const { current, stored } = await this.replaced(type, async () => {
      const current = await type.find(id);
      // The document may have been created or deleted in the meantime.
      const writer = await this.writers.require(caller, type.name, id, current ? 'update' : 'create');
      refuseStale(request.headers, current?.version ?? null);
      return { current, stored: await this.save(type, { writer, id, current, body, prepared }) };
    });
    return this.settled(type, stored, current ? 200 : 201, {});
  }

  async patch<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    request: AdminRequest,
    id: string,
  ): Promise<Answer> {
    await this.permits.require(caller, type.name, id, 'update');
    if (!isId(id) || !(await type.find(id))) throw notFound(type.name);
    const patch = readBody(request);
    const prepared = await type.prepare(id, patch, 'PATCH');
    const { stored } = await this.replaced(type, async () => {
      const writer = await this.writers.require(caller, type.name, id, 'update');
      const current = await type.find(id);
      if (!current) throw notFound(type.name);
      refuseStale(request.headers, current.version);
      const body = type.merge(current, patch);
      return { current, stored: await this.save(type, { writer, id, current, body, prepared }) };
    });
    return this.settled(type, stored, 200, {});
  }

  /** Deleting what does not exist succeeds, so that a deletion can be repeated. */
  async remove<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    request: AdminRequest,
    id: string,
  ): Promise<Answer> {
    await this.permits.require(caller, type.name, id, 'delete');
    const tries = isDryRun(request.url);
    if (!isId(id) || !(await type.find(id))) {
      return tries ? dryRunAnswer(undefined, NOTHING_ELSE, {}) : NO_CONTENT;
    }
    const notes = tries ? await type.notesOfRemoval(id) : {};
    try {
      const removal = await this.removeNow(type, caller, request, id, tries);
      await type.settle(null);
      return removalAnswer(removal);
    } catch (error) {
      if (!(error instanceof DryRunEnded)) throw error;
      return dryRunAnswer({ resourceType: type.name, id }, error.removal, notes);
    }
  }

  /** A dry run is judged and carried out like a real deletion, and rolled back. */
  private removeNow<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    request: AdminRequest,
    id: string,
    tries: boolean,
  ): Promise<Removal> {
    return this.revision.change(type.kindsOfRemoval, async () => {
      const writer = await this.writers.require(caller, type.name, id, 'delete');
      const current = await type.find(id);
      if (!current) return NOTHING_ELSE;
      refuseStale(request.headers, current.version);
      const removal = await type.remove(writer, current);
      await this.audit.record(caller, { type: type.name, id, before: type.view(current), after: null });
      if (tries) throw new DryRunEnded(removal);
      return removal;
    });
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

  private async save<T extends Stored, P>(type: ConfigurationType<T, P>, write: Write<T, P>): Promise<T> {
    const { writer, id, current } = write;
    // Taken before the write, which modifies what a view is built from.
    const before = current === null ? null : type.view(current);
    const stored = await type.save(write);
    if (stored === current) throw new Unchanged(stored);
    await this.audit.record(writer.caller, { type: type.name, id, before, after: type.view(stored) });
    return stored;
  }

  /** A caller that may not create every id may still create the one that its body names. */
  private async readNew<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    request: AdminRequest,
  ): Promise<JsonObject> {
    if (await this.permits.has(caller, type.name, ALL, 'create')) return readBody(request);
    // A caller without any permission must not make the server parse a body.
    if (!(await this.permits.hasAny(caller, type.name))) throw lacking(type.name, ALL, 'create');
    const body = readOrNothing(request);
    await this.permits.require(caller, type.name, typeof body.id === 'string' ? body.id : ALL, 'create');
    return body;
  }

  private async settled<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    stored: T,
    status: 200 | 201,
    shownOnce: JsonObject,
  ): Promise<Answer> {
    const alg = type.signingAlg(stored);
    if (alg) await this.keys.ensure(alg).catch(ignoreUnavailable);
    await type.settle(stored);
    const location = status === 201 ? { location: `/${type.name}/${stored.id}` } : {};
    return {
      ...ok({ ...type.view(stored), ...shownOnce }, { etag: etagOf(stored.version), ...location }),
      status,
    };
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

function readOrNothing(request: AdminRequest): JsonObject {
  try {
    return readBody(request);
  } catch (error) {
    if (error instanceof Problem) return {};
    throw error;
  }
}
