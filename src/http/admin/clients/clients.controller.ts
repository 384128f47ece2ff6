import { AdminController } from '../access/admin-controller.js';
import { ConfigurationController } from '../configuration/configuration.controller.js';
import { ConfigurationDeletions } from '../configuration/configuration-deletions.js';
import { ConfigurationReads } from '../configuration/configuration-reads.js';
import { ConfigurationWrites } from '../configuration/configuration-writes.js';
import type { ClientDraft } from './client-drafts.js';
import { ClientType } from './client-type.js';
import type { ShownClient } from './shown-clients.js';

/** `/Client`. */
@AdminController('Client')
export class ClientsController extends ConfigurationController<ShownClient, ClientDraft> {
  constructor(
    type: ClientType,
    reads: ConfigurationReads,
    writes: ConfigurationWrites,
    deletions: ConfigurationDeletions,
  ) {
    super(type, reads, writes, deletions);
  }
}
