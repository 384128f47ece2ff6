import type { ImportedDocuments } from './imported.js';
import type { Reason, Report } from './report.js';

export interface ImportOptions {
  /** The audience of scopes that have none in the source. */
  audience?: string | undefined;
}

/** Reads the files of one system into documents, and accounts for all that is in them. */
export type Importer = (
  paths: readonly string[],
  report: Report,
  documents: ImportedDocuments,
  options: ImportOptions,
) => void;

export const SIGN_IN: Reason = {
  group: 'sign-in',
  why: 'for the sign-in of people, which Latchkey does not do',
};
export const SIGN_IN_CLIENT: Reason = {
  group: 'sign-in',
  why: 'a client without the client credentials grant: it is for the sign-in of people',
};
export const OWN: Reason = { group: 'own', why: 'belongs to the server itself' };

export const unsupported = (why: string): Reason => ({ group: 'unsupported', why });

export const identity = (why: string): Reason => ({ group: 'identity', why });
export const reference = (why: string): Reason => ({ group: 'reference', why });
