import { Injectable } from '@nestjs/common';
import type { Caller } from '../../../administration/access/permissions.js';
import type { ConfigurationType } from '../../../administration/configuration/configuration-type.js';
import { etagOf } from '../../../administration/documents/meta.js';
import type { Stored } from '../../../administration/documents/stored.js';
import type { SearchDefinition } from '../../../database/search/search-definition.js';
import { isId } from '../../../protocol/identifier.js';
import { notFound } from '../../../protocol/problem.js';
import { type Answer, ok } from '../answer/answer.js';
import type { AdminRequest } from '../caller/admin-request.js';
import { BundleSearch } from '../search/bundle-search.js';

/** Lists and shows configuration of any type. */
@Injectable()
export class ConfigurationReads {
  constructor(private readonly bundles: BundleSearch) {}

  async list<T extends Stored, P>(
    type: ConfigurationType<T, P>,
    search: SearchDefinition,
    caller: Caller,
    request: AdminRequest,
  ): Promise<Answer> {
    const read = async (ids: readonly string[]) =>
      (await type.findMany(ids)).map((stored) => type.view(stored));
    return ok(await this.bundles.run(search, caller, request, read));
  }

  async show<T extends Stored, P>(type: ConfigurationType<T, P>, id: string): Promise<Answer> {
    const stored = isId(id) ? await type.find(id) : null;
    if (!stored) throw notFound(type.name, id);
    return ok(type.view(stored), { etag: etagOf(stored.version) });
  }
}
