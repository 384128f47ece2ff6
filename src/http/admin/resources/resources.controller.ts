import { ConfigurationDeletions } from '../../../administration/configuration/configuration-deletions.js';
import { ConfigurationWrites } from '../../../administration/configuration/configuration-writes.js';
import { ResourceType } from '../../../administration/resources/resource-type.js';
import type { Resource } from '../../../resources/resource.js';
import { RESOURCE_SEARCH } from '../../../resources/resource.search.js';
import { AdminController } from '../access/admin-controller.js';
import { ConfigurationController } from '../configuration/configuration.controller.js';
import { ConfigurationReads } from '../configuration/configuration-reads.js';

/** `/Resource`. */
@AdminController('Resource')
export class ResourcesController extends ConfigurationController<Resource, undefined> {
  constructor(
    type: ResourceType,
    reads: ConfigurationReads,
    writes: ConfigurationWrites,
    deletions: ConfigurationDeletions,
  ) {
    super(type, RESOURCE_SEARCH, reads, writes, deletions);
  }
}
