import type { ClientDraft } from '../../../administration/clients/client-drafts.js';
import { ClientType } from '../../../administration/clients/client-type.js';
import type { ShownClient } from '../../../administration/clients/shown-clients.js';
import { ConfigurationDeletions } from '../../../administration/configuration/configuration-deletions.js';
import { ConfigurationWrites } from '../../../administration/configuration/configuration-writes.js';
import { CLIENT_SEARCH } from '../../../clients/client.search.js';
import { AdminController } from '../access/admin-controller.js';
import { ConfigurationController } from '../configuration/configuration.controller.js';
import { ConfigurationReads } from '../configuration/configuration-reads.js';

/** `/Client`. */
@AdminController('Client')
export class ClientsController extends ConfigurationController<ShownClient, ClientDraft> {
  constructor(
    type: ClientType,
    reads: ConfigurationReads,
    writes: ConfigurationWrites,
    deletions: ConfigurationDeletions,
  ) {
    super(type, CLIENT_SEARCH, reads, writes, deletions);
  }
}
