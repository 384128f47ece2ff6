import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../database/unit-of-work.js';
import { anchorOf } from './subject-pattern.js';
import type { FederatedRule } from './trusted-issuer.js';

interface RuleRow {
  client_id: unknown;
}

/** The index of all clients' rules, by issuer and anchor; the rules themselves are in the rows of the clients. */
@Injectable()
export class FederatedRulesRepository {
  constructor(private readonly unitOfWork: UnitOfWork) {}

  /** Replaces those of a client. */
  async replace(clientId: string, rules: readonly FederatedRule[]): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      await manager.query('DELETE FROM federated_rule WHERE client_id = ?', [clientId]);
      for (const [position, { issuerId, subject }] of rules.entries()) {
        await manager.query(
          'INSERT INTO federated_rule (client_id, place, issuer_id, anchor) VALUES (?, ?, ?, ?)',
          [clientId, position, issuerId, anchorKey(anchorOf(subject))],
        );
      }
    });
  }

  /** The clients that have a rule on this issuer, by id. */
  async clientsOf(issuerId: string, most?: number): Promise<string[]> {
    const limit = most === undefined ? '' : ` LIMIT ${most}`;
    const rows = await this.unitOfWork.query((manager) =>
      manager.query(
        `SELECT DISTINCT client_id FROM federated_rule WHERE issuer_id = ? ORDER BY client_id${limit}`,
        [issuerId],
      ),
    );
    return (rows as RuleRow[]).map(({ client_id }) => String(client_id));
  }
}

/** An anchor is as long as a subject, so its digest is indexed. */
export const anchorKey = (anchor: string): string => createHash('sha256').update(anchor).digest('base64url');
