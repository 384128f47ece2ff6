import { Injectable } from '@nestjs/common';
import { places } from '../../database/durable-writer.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { RevisionedCache } from '../../database/revisions/revisioned-cache.js';
import { RowReader } from '../../database/row-reader.js';
import { anchorKey } from './federated-rules.repository.js';
import { anchorsFor } from './subject-pattern.js';

/** Clients whose rules are compared with one subject; with more, the request has to name its client. */
export const MAX_CANDIDATES = 100;

/**
 * Finds the clients with a rule that may fit a subject, by an index lookup whose cost does not grow with the number of
 * clients or rules. At most a second old.
 */
@Injectable()
export class RuleIndex {
  private readonly cache: RevisionedCache<readonly string[]>;

  constructor(
    private readonly reader: RowReader,
    revision: ConfigurationRevision,
  ) {
    this.cache = new RevisionedCache(revision, 'clients', (key) => this.load(key));
  }

  /** By id, one more than MAX_CANDIDATES at most. */
  candidates(issuerId: string, subject: string): Promise<readonly string[]> {
    // No id contains a space.
    return this.cache.get(`${issuerId} ${subject}`);
  }

  private async load(key: string): Promise<readonly string[]> {
    const end = key.indexOf(' ');
    const anchors = anchorsFor(key.slice(end + 1)).map(anchorKey);
    const rows = await this.reader.read(
      `SELECT DISTINCT client_id FROM federated_rule WHERE issuer_id = ? AND anchor IN (${places(anchors)})
       ORDER BY client_id LIMIT ${MAX_CANDIDATES + 1}`,
      [key.slice(0, end), ...anchors],
    );
    return rows.map(({ client_id }) => String(client_id));
  }
}
