import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { auditableClientId, auditableDescription } from './auditable-client-id.js';

const HIDDEN = { presented: '…' };
const LOWER = 'abcdefghijklmnopqrstuvwxyz';

/** Always the same text of these characters, as random ones would be. */
function secretOf(characters: string, length: number, seed: number): string {
  const bytes = createHash('sha512').update(String(seed)).digest();
  return [...bytes.subarray(0, length)].map((byte) => characters[byte % characters.length]).join('');
}

const secrets = (characters: string, length: number) =>
  Array.from({ length: 200 }, (_, seed) => secretOf(characters, length, seed));

const shareHidden = (ids: readonly string[]) =>
  ids.filter((id) => auditableClientId(id).presented === '…').length / ids.length;

describe('The id of a rejected request, as audited', () => {
  it.each([
    ['32 hexadecimal digits', '0123456789abcdef', 32, 1],
    ['40 hexadecimal digits', '0123456789abcdef', 40, 1],
    ['20 hexadecimal digits', '0123456789abcdef', 20, 0.97],
    ['24 lower-case letters and digits', `${LOWER}0123456789`, 24, 0.95],
    ['32 upper-case letters and digits (Base32)', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567', 32, 0.95],
    ['24 lower-case letters', LOWER, 24, 0.9],
  ])('is masked if no client has it and it may be a secret of %s', (_, characters, length, share) => {
    expect(shareHidden(secrets(characters, length))).toBeGreaterThanOrEqual(share);
    const [secret = ''] = secrets(characters, length);
    expect(auditableClientId(`prefix-${secret}`)).toEqual(HIDDEN);
    expect(auditableClientId(`${secret}:x`)).toEqual(HIDDEN);
  });

  it.each([
    'api-client',
    'gift-deliveries',
    'deliverynotificationservice',
    'internationalisation',
    'userregistrationfrontend',
    'customerreportexport20240101',
    'billing-export-2024-01-01-eu-west-1',
    'prod.payments.eu-central-1.worker-07',
    '00000000000000000042',
    '3f2504e0-4f89-41d3-9a0c-0305e82c3301',
    'github-actions_terraform-plan',
  ])('is shown if it is made of words and numbers: %s', (id) => {
    expect(auditableClientId(id)).toEqual({ clientId: id });
  });

  it('is shown if a client has it, whatever it is', () => {
    const [id = ''] = secrets('0123456789abcdef', 40);
    expect(auditableClientId(id, true)).toEqual({ clientId: id });
  });
});

describe('The description of a rejected request, as audited', () => {
  it.each([
    ['the caller lacks Client:Correct9Horse:update', 'the caller lacks Client:…:update'],
    ['the caller lacks AccessPolicy:*:create', 'the caller lacks AccessPolicy:*:create'],
    ['the caller lacks Session:api-client:delete', 'the caller lacks Session:api-client:delete'],
    ['the scope of the access token is empty', 'the scope of the access token is empty'],
  ])('masks what may be a secret in %s', (text, stored) => {
    expect(auditableDescription(text)).toBe(stored);
  });
});
