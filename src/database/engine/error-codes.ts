/** Recognises codes; a RegExp is one. */
export interface Codes {
  test(code: string): boolean;
}

export function oneOf(...codes: readonly string[]): Codes {
  const known = new Set(codes);
  return { test: (code) => known.has(code) };
}

export const NO_CODE: Codes = oneOf();

/** What the error codes of an engine's driver mean; no code is used by two engines. */
export interface ErrorCodes {
  /** A row with this key already exists. */
  duplicate: Codes;
  /** A conflict with another transaction; the whole transaction can be retried. */
  conflict: Codes;
  /** Another transaction has held a row lock longer than the maximum wait; also a conflict. */
  lockWait: Codes;
  /** A faulty statement or value. All other errors are blamed on the database or the network. */
  ofStatement: Codes;
  /** No reason to close the other connections to the server. */
  keepsConnections: Codes;
  readOnly: Codes;
  full: Codes;
  rejectsConnections: Codes;
  /** Any other code of this driver. */
  own: Codes;
  /** Messages of errors to which the driver gives no code. */
  ownMessages?: RegExp;
  /** Likewise, of connections that are lost; they get this code. */
  lostMessages?: RegExp;
  lostCode?: string;
}
