import { isId } from '../../protocol/identifier.js';
import { UNSTORABLE } from '../../protocol/unstorable.js';
import { readDateRange } from './date-range.js';
import type { SearchParameter } from './search-parameter.js';
import type { SqlPart } from './search-sql.js';

/** More than a key's time ever differs from its row's: keys stay ordered when a clock is set back. */
const KEY_SLACK_MILLISECONDS = 60_000;

/** Whether a column of trimmed text could hold this. */
export const isStorable = (value: string): boolean =>
  value !== '' && value === value.trim() && !UNSTORABLE.test(value);

/** A substring of a name, in any case. The column holds the name in lower case. */
export const part = (column: string): SearchParameter => ({
  restrict: (value) =>
    UNSTORABLE.test(value) ? 'nothing' : { sql: `INSTR(${column}, ?) > 0`, values: [value.toLowerCase()] },
});

/** A substring of the id or of a name, in any case. */
export const partOfIdOr = (column: string): SearchParameter => ({
  restrict(value) {
    if (UNSTORABLE.test(value)) return 'nothing';
    const text = value.toLowerCase();
    return { sql: `INSTR(${column}, ?) > 0 OR INSTR(LOWER(t.id), ?) > 0`, values: [text, text] };
  },
});

/** The exact value. A value that the column cannot hold is not queried: MySQL would match `a` for `a `. */
export const equal = (column: string, isPossible: (value: string) => boolean): SearchParameter => ({
  restrict: (value) => (isPossible(value) ? { sql: `${column} = ?`, values: [value] } : 'nothing'),
});

/** An item of a list stored as JSON. */
export const listed = (column: string, isPossible: (value: string) => boolean): SearchParameter => ({
  restrict(value) {
    if (!isPossible(value)) return 'nothing';
    const item = JSON.stringify(value);
    return { sql: `INSTR(${column}, ?) = 1 OR INSTR(${column}, ?) > 0`, values: [`[${item}`, `,${item}`] };
  },
});

/** `true` or `false`; the expression is 1 or 0. */
export const switched = ({ sql, values }: SqlPart): SearchParameter => ({
  restrict: (value) =>
    value === 'true' || value === 'false'
      ? { sql: `${sql} = ?`, values: [...values, value === 'true' ? 1 : 0] }
      : 'nothing',
});

/** The id in a reference of this type, either complete (`Client/x`) or alone. */
export const reference = (type: string, sql: string): SearchParameter => ({
  restrict(value) {
    const id = referredId(type, value);
    return isId(id) ? { sql, values: [id] } : 'nothing';
  },
});

export const referredId = (type: string, value: string): string =>
  value.startsWith(`${type}/`) ? value.slice(type.length + 1) : value;

/** A time in epoch milliseconds; two values make a span. */
export const dated = (expression: string): SearchParameter => ({
  repeats: true,
  restrict(value) {
    const range = readDateRange(value);
    if (!range)
      return { fault: 'must be a date, or a time with its zone, optionally prefixed with ge, le, gt or lt' };
    const parts: string[] = [];
    const values: number[] = [];
    if (range.from !== undefined) {
      parts.push(`${expression} >= ?`);
      values.push(range.from);
    }
    if (range.until !== undefined) {
      parts.push(`${expression} < ?`);
      values.push(range.until);
    }
    return { sql: parts.join(' AND '), values };
  },
});

/**
 * A time that the row's key approximately contains: `bound` makes the key of an instant, so that the key's index is
 * used.
 */
export const datedByKey = (
  expression: string,
  key: { sql: string; bound: (milliseconds: number) => string },
): SearchParameter => ({
  repeats: true,
  restrict(value) {
    const restriction = dated(expression).restrict(value);
    const range = readDateRange(value);
    if (!range || typeof restriction === 'string' || 'fault' in restriction) return restriction;
    const parts = [restriction.sql];
    const values = [...restriction.values];
    if (range.from !== undefined) {
      parts.push(`${key.sql} >= ?`);
      values.push(key.bound(range.from - KEY_SLACK_MILLISECONDS));
    }
    if (range.until !== undefined) {
      parts.push(`${key.sql} < ?`);
      values.push(key.bound(range.until + KEY_SLACK_MILLISECONDS));
    }
    return { sql: parts.join(' AND '), values };
  },
});

export const isOneOf =
  (words: readonly string[]) =>
  (value: string): boolean =>
    words.includes(value);
