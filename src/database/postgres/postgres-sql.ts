import { LRUCache } from 'lru-cache';

const translated = new LRUCache<string, string>({ max: 1000 });

const SHARED = /[?`]|\bINSTR\(/;

/**
 * Translates the SQL that all engines share: numbered placeholders, double quotes around identifiers, and STRPOS for
 * INSTR. No literal in it contains one of these characters.
 */
export function toPostgres(sql: string): string {
  let text = translated.get(sql);
  if (text === undefined) {
    text = SHARED.test(sql) ? translate(sql) : sql;
    translated.set(sql, text);
  }
  return text;
}

function translate(sql: string): string {
  let place = 0;
  return sql
    .replaceAll('`', '"')
    .replaceAll('INSTR(', 'STRPOS(')
    .replaceAll('?', () => `$${++place}`);
}
