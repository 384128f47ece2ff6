import { isoTime, present } from '../../administration/documents/meta.js';
import {
  type ClientFigures,
  ENDING_DAYS,
  type EndingCredential,
  type QuotaRow,
  UNUSED_DAYS,
} from '../../clients/figures/client-figures.js';
import { bucketsOf } from '../../tokens/issuance/token-quota.js';

const MAX_SHOWN_QUOTAS = 10;

export const clientsView = ({ total, active, unused }: ClientFigures) => ({
  total,
  active,
  unused: { days: UNUSED_DAYS, total: unused },
});

export const endingView = (
  { endings, endingsTotal }: ClientFigures,
  certificateExpiresAt: number | undefined,
) => ({
  days: ENDING_DAYS,
  total: endingsTotal,
  next: endings.map(credentialView),
  ...(certificateExpiresAt === undefined ? {} : { certificate: { end: isoTime(certificateExpiresAt) } }),
});

const credentialView = ({ clientId, secretId, description, endsAt, lastUsedAt }: EndingCredential) =>
  present({
    client: referenceTo(clientId),
    secret: secretId,
    description,
    end: isoTime(endsAt),
    last_used: lastUsedAt === undefined ? undefined : isoTime(lastUsedAt),
  });

/** The windows that are used most, by the share of their quota. */
export const quotasView = ({ quotas }: ClientFigures, now: number) =>
  quotas
    .flatMap((row) => windowsOf(row, now))
    .filter(({ used }) => used > 0)
    .sort((one, other) => other.used / other.quota - one.used / one.quota)
    .slice(0, MAX_SHOWN_QUOTAS);

const windowsOf = ({ clientId, quota, use }: QuotaRow, now: number) =>
  bucketsOf(quota, use, now).map((bucket) => ({
    client: referenceTo(clientId),
    window: bucket.name,
    quota: bucket.quota,
    used: bucket.used,
    enforced: quota.enforce,
    end: isoTime(bucket.endsAt),
  }));

const referenceTo = (id: string) => ({ resourceType: 'Client', id });
