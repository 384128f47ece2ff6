import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/permissions.js';
import type { Writer } from '../access/writer.js';
import type { JsonObject } from '../documents/merge-patch.js';
import type { Stored } from '../documents/stored.js';
import { ConfigurationAudit } from './configuration-audit.js';
import type { ConfigurationType, Write } from './configuration-type.js';
import type { Removal } from './removal.js';
import { judgedUnseen, mayRead } from './unseen.js';

export type GivenWrite<T, P> = Omit<Write<T, P>, 'unseen'>;

/** One write or deletion with its audit event, inside a transaction of its own or of several. */
@Injectable()
export class ConfigurationSteps {
  constructor(private readonly audit: ConfigurationAudit) {}

  /** The new form that a patch makes of the current one. */
  merge<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    writer: Writer,
    current: T,
    patch: JsonObject,
  ): JsonObject {
    if (!mayRead(writer, type.name, current.id)) type.assertNotGuessed(patch);
    return type.merge(current, patch);
  }

  /** Returns `current` itself, without an event, if the write changes nothing. */
  async save<T extends Stored, P>(type: ConfigurationType<T, P>, given: GivenWrite<T, P>): Promise<T> {
    const { writer, id, current, patch, body } = given;
    const unseen = current !== null && !mayRead(writer, type.name, id);
    if (unseen && !patch) type.assertNotGuessed(body);
    // Taken before the write, which modifies what the event is built from.
    const before = current === null ? null : type.audited(current);
    const save = () => type.save({ ...given, unseen });
    const stored = await (unseen ? judgedUnseen(type.name, id, save) : save());
    if (stored === current) return stored;
    await this.audit.record(writer.caller, { type: type.name, id, before, after: type.audited(stored) });
    return stored;
  }

  async remove<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    writer: Writer,
    current: T,
  ): Promise<Removal> {
    const { id } = current;
    const remove = () => type.remove(writer, current);
    const removal = await (mayRead(writer, type.name, id) ? remove() : judgedUnseen(type.name, id, remove));
    await this.audit.record(caller, { type: type.name, id, before: type.audited(current), after: null });
    return removal;
  }
}
