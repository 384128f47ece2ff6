import { randomBytes, randomUUID } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Log } from '../../config/log.js';
import { CurrentSeal } from '../../crypto/current-seal.js';
import { Sealer } from '../../crypto/sealer.js';
import { ConfigurationRevision } from '../../database/revisions/configuration-revision.js';
import { UnitOfWork } from '../../database/unit-of-work.js';
import { nowMilliseconds } from '../../runtime/clock.js';
import { endOf, insertEvents, SELECT_HEAD } from '../audit-row.js';
import { AuditKeysRepository, auditKeyPurpose } from './audit-keys.repository.js';
import { BEGINNING, extend, sealed } from './chain.js';

/**
 * The key of the chain: random, sealed under the master key, created with the beginning of the chain on the first
 * start.
 */
@Injectable()
export class AuditKey implements OnModuleInit {
  private opened: Buffer | undefined;

  constructor(
    private readonly repository: AuditKeysRepository,
    private readonly sealer: Sealer,
    private readonly currentSeal: CurrentSeal,
    private readonly revision: ConfigurationRevision,
    private readonly unitOfWork: UnitOfWork,
    private readonly log: Log,
  ) {}

  async onModuleInit(): Promise<void> {
    const [known] = await this.repository.sealedRows();
    const key = known ?? (await this.begin());
    this.opened = this.sealer.unseal(key.purpose, key.sealed);
  }

  get bytes(): Buffer {
    if (!this.opened) throw new Error('the audit key has not been opened');
    return this.opened;
  }

  /** Configuration writes are serialised, so that processes starting together begin one chain. */
  private async begin() {
    await this.revision.change(['signing_keys'], async () => {
      if ((await this.repository.sealedRows()).length > 0) return;
      const id = randomUUID();
      const key = randomBytes(32);
      const sealedKey = await this.currentSeal.seal(auditKeyPurpose(id), key);
      await this.repository.add(id, sealedKey, nowMilliseconds());
      await this.sealBeginning(key);
    });
    const [key] = await this.repository.sealedRows();
    if (!key) throw new Error('no audit key was created');
    return key;
  }

  /** Seals only untouched ends: a chain whose key was removed stays broken. */
  private async sealBeginning(key: Buffer): Promise<void> {
    await this.unitOfWork.query(async (manager) => {
      const head = endOf((await manager.query(SELECT_HEAD))[0]);
      const events = await manager.query('SELECT id FROM audit_event LIMIT 1');
      if (head?.sequence !== 0 || head.seal !== '' || events.length > 0) {
        this.log.error({}, 'audit key missing although its chain exists: the chain cannot be verified');
        return;
      }
      const beginning = sealed(key, 'head', BEGINNING);
      // The first event dates the beginning of the chain, so that a restarted chain is noticed.
      const begun = extend(key, beginning, [{ action: 'audit.begin', outcome: 'success' }]);
      for (const { sql, values } of insertEvents(begun.events)) await manager.query(sql, [...values]);
      const { sequence, hash, seal } = begun.head;
      await manager.query('UPDATE audit_head SET sequence = ?, hash = ?, seal = ? WHERE id = 1', [
        sequence,
        hash,
        seal,
      ]);
      const anchor = sealed(key, 'anchor', { ...BEGINNING, date: 0 });
      await manager.query('UPDATE audit_anchor SET seal = ? WHERE id = 1', [anchor.seal]);
    });
  }
}
