import { createHash, createHmac } from 'node:crypto';

/**
 * Authenticates a backup. The audit key is in the file itself, sealed, and known only after reading it; so the text is
 * hashed first.
 */
export class BackupDigest {
  private readonly hash = createHash('sha256');

  update(text: string): void {
    this.hash.update(text);
  }

  /** Under a key derived from the audit key, so that no MAC of the audit chain equals it. */
  mac(auditKey: Buffer): string {
    const key = createHmac('sha256', auditKey).update('latchkey backup').digest();
    return createHmac('sha256', key).update(this.hash.digest()).digest('base64url');
  }
}
