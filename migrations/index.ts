import { CreateSchema1763683200000 } from './1763683200000-create-schema.js';
import { RefreshedFrom1763899900000 } from './1763899900000-refreshed-from.js';
import { PrivateKeyJwt1763900000000 } from './1763900000000-private-key-jwt.js';
import { Limits1763900100000 } from './1763900100000-limits.js';
import { CreateAudit1763900200000 } from './1763900200000-create-audit.js';
import { RetiredKeys1763900400000 } from './1763900400000-retired-keys.js';
import { SessionGeneration1763900610000 } from './1763900610000-session-generation.js';
import { ClockMark1763900620000 } from './1763900620000-clock-mark.js';
import { DenySince1763900630000 } from './1763900630000-deny-since.js';
import { RestoreMark1763900640000 } from './1763900640000-restore-mark.js';
import { DescribedDocuments1763900700000 } from './1763900700000-described-documents.js';
import { TrustedIssuers1764000200000 } from './1764000200000-trusted-issuers.js';
import { AdmittedWorkloads1764000300000 } from './1764000300000-admitted-workloads.js';
import { ProtectedResources1764000300000 } from './1764000300000-protected-resources.js';
import { Claims1764000400000 } from './1764000400000-claims.js';
import { SecretDescriptions1764000410000 } from './1764000410000-secret-descriptions.js';
import { LastUse1764000420000 } from './1764000420000-last-use.js';
import { Events1764000430000 } from './1764000430000-events.js';
import { SessionOrigin1764000500000 } from './1764000500000-session-origin.js';
import { TokenCounts1764000510000 } from './1764000510000-token-counts.js';
import { ScopeUses1764000520000 } from './1764000520000-scope-uses.js';
import { FormerOperations1764000530000 } from './1764000530000-former-operations.js';
import { LastUseOfSecrets1764000540000 } from './1764000540000-last-use-of-secrets.js';
import { HandOvers1764000550000 } from './1764000550000-hand-overs.js';
import { FormerOperationNames1764000560000 } from './1764000560000-former-operation-names.js';
import { CarriedNames1764000570000 } from './1764000570000-carried-names.js';

/** All migrations in order. They are listed explicitly because a glob matches nothing after a build or in a test. */
export const migrations = [
  CreateSchema1763683200000,
  RefreshedFrom1763899900000,
  PrivateKeyJwt1763900000000,
  Limits1763900100000,
  CreateAudit1763900200000,
  RetiredKeys1763900400000,
  SessionGeneration1763900610000,
  ClockMark1763900620000,
  DenySince1763900630000,
  RestoreMark1763900640000,
  DescribedDocuments1763900700000,
  TrustedIssuers1764000200000,
  AdmittedWorkloads1764000300000,
  ProtectedResources1764000300000,
  Claims1764000400000,
  SecretDescriptions1764000410000,
  LastUse1764000420000,
  Events1764000430000,
  SessionOrigin1764000500000,
  TokenCounts1764000510000,
  ScopeUses1764000520000,
  FormerOperations1764000530000,
  LastUseOfSecrets1764000540000,
  HandOvers1764000550000,
  FormerOperationNames1764000560000,
  CarriedNames1764000570000,
];
