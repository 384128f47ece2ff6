import { type ErrorCodes, oneOf } from '../engine/error-codes.js';

/** Our own code for a connection error to which the driver gives none. */
export const CONNECTION_LOST = 'POSTGRES_CONNECTION_LOST';

/** By the classes of SQLSTATE; `severity` marks an error as the server's. */
export const POSTGRES_ERRORS: ErrorCodes = {
  duplicate: oneOf('23505'),
  // A serialization failure, a deadlock, a lock that was not free in time.
  conflict: oneOf('40001', '40P01', '55P03'),
  lockWait: oneOf('55P03'),
  // A missing table, schema, column or right is the database's fault: all statements are fixed and tested.
  ofStatement: /^(0A|2[12]|23(?!505)|2F|34|38|39|42(?!501|P01)|44|54)[0-9A-Z]{2,3}$/,
  // Out of disk, memory or connections; cancelled; not permitted to connect. Open connections are worth keeping.
  keepsConnections: /^(53|28|57014|55P03|POSTGRES_)/,
  readOnly: oneOf('25006'),
  full: /^(53100|58030)$/,
  rejectsConnections: /^(53300|28|3D000|42501|57P03)/,
  own: /^POSTGRES_/,
  ownMessages: /^timeout exceeded when trying to connect$|^Cannot use a pool after calling end/,
  lostMessages:
    /^(Connection terminated|timeout expired|Client (has encountered a connection error|was closed)|The server does not support SSL|There was an error establishing an SSL)/,
  lostCode: CONNECTION_LOST,
};

/** Where the start lock does not exclude other processes, as on servers that only speak the protocol. */
export const LOST_RACE = oneOf('42P07', '42701', '42710', '23505', '40001', '40P01', '55P03');
