import { Injectable } from '@nestjs/common';
import { SIGNING_ALGS } from '../../../packages/protocol/src/signing-alg.js';
import type { AuditAction, AuditEntry } from '../../audit/audit-event.js';
import { type Notice, Notices } from '../../audit/notices/notices.js';
import { type Expiring, ExpiringCredentials } from '../../clients/expiring-credentials.js';
import { currentKey, nextKey, signsUntil } from '../../keys/key-states.js';
import { SigningKeysRepository } from '../../keys/signing-keys.repository.js';

const DAY_MS = 24 * 3600 * 1000;
/** The thresholds, the nearest first. */
const DAYS_LEFT = [1, 7, 30] as const;

/** Something that expires, and the notice of it without what all of them have. */
interface Subject {
  expiresAt: number;
  key: string;
  entry: Pick<AuditEntry, 'clientId' | 'target' | 'detail'> & { action: AuditAction };
}

/** Records that a secret, a client or a signing key expires within 30, 7 and 1 days. */
@Injectable()
export class ExpiryWatch {
  constructor(
    private readonly credentials: ExpiringCredentials,
    private readonly keys: SigningKeysRepository,
    private readonly notices: Notices,
  ) {}

  async look(now: number): Promise<void> {
    const until = now + Math.max(...DAYS_LEFT) * DAY_MS;
    for await (const secrets of this.credentials.secrets(now, until)) {
      await this.record(secrets.map(secretSubject), now);
    }
    for await (const clients of this.credentials.clients(now, until)) {
      await this.record(clients.map(clientSubject), now);
    }
    await this.record(await this.signingKeys(now), now);
  }

  private async signingKeys(now: number): Promise<Subject[]> {
    const rows = await this.keys.all();
    return SIGNING_ALGS.flatMap((alg) => {
      const current = currentKey(rows, alg, now);
      if (!current) return [];
      const expiresAt = signsUntil(current, nextKey(rows, alg, now));
      const { kid } = current;
      const target = { resourceType: 'SigningKey', id: kid };
      return [
        {
          expiresAt,
          key: `key ${kid}`,
          entry: { action: 'signing-key.expire-soon', target, detail: { alg } },
        },
      ];
    });
  }

  private async record(subjects: readonly Subject[], now: number): Promise<void> {
    await this.notices.record(subjects.flatMap((subject) => noticeOf(subject, now) ?? []));
  }
}

const secretSubject = ({ clientId, secretId, expiresAt }: Expiring): Subject => ({
  expiresAt,
  key: `secret ${secretId}`,
  entry: { ...ofClient(clientId), action: 'secret.expire-soon', detail: { secret_id: secretId } },
});

const clientSubject = ({ clientId, expiresAt }: Expiring): Subject => ({
  expiresAt,
  key: `client ${clientId}`,
  entry: { ...ofClient(clientId), action: 'client.expire-soon' },
});

const ofClient = (id: string) => ({ clientId: id, target: { resourceType: 'Client', id } });

/** Of several thresholds that were passed at once, the nearest one. A moved expiry is a new one. */
function noticeOf({ expiresAt, key, entry }: Subject, now: number): Notice | undefined {
  const days = DAYS_LEFT.find((threshold) => expiresAt <= now + threshold * DAY_MS);
  if (expiresAt <= now || days === undefined) return undefined;
  const detail = { ...entry.detail, expires_at: new Date(expiresAt).toISOString(), days };
  return {
    key: `${key} expires ${expiresAt} ${days}`,
    keptUntil: expiresAt + DAY_MS,
    entry: { ...entry, outcome: 'success', detail },
  };
}
