import type { Reference, SecretRecord } from '../../../api/documents.ts';
import { documentPath } from '../../../api/request.ts';

/** A secret, and whether ending it would interrupt the client. */
export interface JudgedSecret extends SecretRecord {
  address?: string;
  user_agent?: string;
  verdict: { code: string; safe_to_end: boolean; text: string };
}

/** A link for a new secret that was not opened yet. */
export interface PendingHandOver {
  secret_id: string;
  description?: string;
  made_by: Reference;
  created: string;
  link_expires: string;
}

/** The answer of `$rotation`. */
export interface Rotation {
  idle: string;
  secrets: JudgedSecret[];
  hand_overs: PendingHandOver[];
}

export const rotationPath = (clientId: string): string => `${documentPath('Client', clientId)}/$rotation`;

/** What is typed to confirm its end. */
export const shortId = (id: string): string => id.slice(0, 8);

const DAY_MS = 86_400_000;

export const SECRET_ENDS = { '': 'Never', 30: 'In 30 days', 90: 'In 90 days', 365: 'In a year' };

/** The members of a new secret, from what was chosen. */
export const membersOf = (description: string, days: string): { description?: string; end?: string } => ({
  ...(description === '' ? {} : { description }),
  ...(days === '' ? {} : { end: new Date(Date.now() + Number(days) * DAY_MS).toISOString() }),
});
