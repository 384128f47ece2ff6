import type { Contents } from './backup-reader.js';
import type { Loss } from './present-database.js';
import type { Restored } from './restoration.js';

/** The number of rows of each table, on one line. */
export const rowCounts = (rows: Readonly<Record<string, number>>): string =>
  `Rows: ${Object.entries(rows)
    .map(([table, count]) => `${table} ${count}`)
    .join(', ')}.`;

export function restorationReport({ header, rows }: Contents, restored: Restored): string {
  const lines = [
    `The backup of ${header.date} was restored.`,
    rowCounts(rows),
    `${restored.closedSessions} active sessions were closed. No token issued before now is accepted by this server.`,
    jwtLine(restored.lastJwtEndsAt),
    `The audit chain of the backup ended at ${restored.head}; checkpoints after it do not match any more.`,
    'Changes made after the backup are undone: secrets replaced, clients deleted and signing keys removed since then are valid again.',
    ...(restored.loss ? lossLines(restored.loss) : []),
  ];
  return `${lines.join('\n')}\n`;
}

const jwtLine = (last: number): string =>
  last > Date.now()
    ? `APIs that verify JWTs offline accept those known here until ${new Date(last).toISOString()}, and those issued after the backup until they expire.`
    : 'APIs that verify JWTs offline accept those issued after the backup until they expire.';

const lossLines = ({ documents, sessions, auditEvents, changes, head }: Loss): string[] => [
  `The replaced database had, from after the backup: ${documents} clients, resources and policies, ${sessions} sessions, ${auditEvents} audit events. Its audit chain ended at ${head}.`,
  ...(changes.length > 0 ? [`Undone: ${changes.join(', ')}.`] : []),
];
