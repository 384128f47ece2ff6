import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/permissions.js';
import { Permits } from '../access/permits.js';
import type { JsonObject } from '../documents/merge-patch.js';
import { headOf } from '../documents/meta.js';
import { clientView } from './client.wire.js';
import type { ShownClient } from './shown-clients.js';

/** The form of a client that a caller sees: its head only, without the permission to read it. */
@Injectable()
export class ClientDocuments {
  constructor(private readonly permits: Permits) {}

  async of(caller: Caller, client: ShownClient): Promise<JsonObject> {
    const isReadable = await this.permits.has(caller, 'Client', client.id, 'read');
    return isReadable ? clientView(client) : headOf('Client', client);
  }
}
