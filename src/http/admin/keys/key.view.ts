import type { JsonObject } from '../../../administration/documents/merge-patch.js';
import { headOf, isoTime } from '../../../administration/documents/meta.js';
import { stateOf } from '../../../keys/key-states.js';
import type { SigningKeyRow } from '../../../keys/signing-key.entity.js';

/** A signing key as an administrator sees it: its public half and its state. */
export const keyView = (key: SigningKeyRow, all: readonly SigningKeyRow[], now: number): JsonObject => ({
  ...headOf('SigningKey', { id: key.kid, version: 1, createdAt: key.createdAt, updatedAt: key.createdAt }),
  alg: key.alg,
  state: stateOf(key, all, now),
  signs_from: isoTime(key.signsFrom),
  jwk: key.publicJwk,
});
