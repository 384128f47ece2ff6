import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/permissions.js';
import type { Writer } from '../access/writer.js';
import type { Stored } from '../documents/stored.js';
import { ConfigurationAudit } from './configuration-audit.js';
import type { ConfigurationType, Write } from './configuration-type.js';
import type { Removal } from './removal.js';

/** One write or deletion with its audit event, inside a transaction of its own or of several. */
@Injectable()
export class ConfigurationSteps {
  constructor(private readonly audit: ConfigurationAudit) {}

  /** Returns `current` itself, without an event, if the write changes nothing. */
  async save<T extends Stored, P>(type: ConfigurationType<T, P>, write: Write<T, P>): Promise<T> {
    const { writer, id, current } = write;
    // Taken before the write, which modifies what a view is built from.
    const before = current === null ? null : type.view(current);
    const stored = await type.save(write);
    if (stored === current) return stored;
    await this.audit.record(writer.caller, { type: type.name, id, before, after: type.view(stored) });
    return stored;
  }

  async remove<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    caller: Caller,
    writer: Writer,
    current: T,
  ): Promise<Removal> {
    const removal = await type.remove(writer, current);
    const { id } = current;
    await this.audit.record(caller, { type: type.name, id, before: type.view(current), after: null });
    return removal;
  }
}
