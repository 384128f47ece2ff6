import type { Resource } from '../../../resources/resource.js';
import { AdminController } from '../access/admin-controller.js';
import { ConfigurationController } from '../configuration/configuration.controller.js';
import { ConfigurationDeletions } from '../configuration/configuration-deletions.js';
import { ConfigurationReads } from '../configuration/configuration-reads.js';
import { ConfigurationWrites } from '../configuration/configuration-writes.js';
import { ResourceType } from './resource-type.js';

/** `/Resource`. */
@AdminController('Resource')
export class ResourcesController extends ConfigurationController<Resource, undefined> {
  constructor(
    type: ResourceType,
    reads: ConfigurationReads,
    writes: ConfigurationWrites,
    deletions: ConfigurationDeletions,
  ) {
    super(type, reads, writes, deletions);
  }
}
