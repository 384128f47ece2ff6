import { Injectable } from '@nestjs/common';
import type { Caller } from '../access/permissions.js';
import { type AdminOperation, lacking, permission } from '../access/permits.js';
import { type Writer, Writers } from '../access/writer.js';
import type { ConfigurationTypeName } from '../configuration/configuration-audit.js';

/** A write within a Bundle that may change the caller's own privileges. */
interface Written {
  type: ConfigurationTypeName;
  id: string;
}

/** The caller of a Bundle before each of its writes: the privileges are read again where a write may have changed them. */
@Injectable()
export class BundleWriters {
  constructor(private readonly writers: Writers) {}

  of(caller: Caller) {
    let known: Writer | undefined;
    return {
      /** Throws 401 or 403 as `Writers.require` does. */
      require: async (type: ConfigurationTypeName, id: string, operation: AdminOperation) => {
        known ??= await this.writers.current(caller);
        if (!known.holdings.may(permission(type, id, operation))) throw lacking(type, id, operation);
        return known;
      },
      note: ({ type, id }: Written) => {
        if (type !== 'Client' || id === caller.clientId) known = undefined;
      },
    };
  }
}
