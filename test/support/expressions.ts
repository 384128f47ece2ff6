import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A regular expression of the sources, and its file. */
export interface SourceExpression {
  file: string;
  text: string;
  expression: RegExp | undefined;
}

/** Every regular expression in the files of a folder except tests; those built at run time have no value. */
export function expressionsIn(root: string, folder: string): SourceExpression[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'))
    .flatMap((file) => expressionsOf(root, join(folder, file)));
}

function expressionsOf(root: string, file: string): SourceExpression[] {
  const found: SourceExpression[] = [];
  const source = ts.createSourceFile(
    file,
    readFileSync(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) {
      const end = node.text.lastIndexOf('/');
      const expression = new RegExp(node.text.slice(1, end), node.text.slice(end + 1));
      found.push({ file, text: node.text, expression });
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
      found.push({ file, text: node.getText(), expression: undefined });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const UNITS = [
  ...' aA0.-_:/%+=,;"\\\t?*!é\n',
  'eyJ',
  'q=',
  'a.',
  '. ',
  'a ',
  ' a',
  '0.',
  '--',
  '%41',
  '--- ',
  '\r\n',
];

/** Literal words of an expression: an attack begins with a text that matches at first. */
const wordsOf = ({ source }: RegExp): string[] => [
  ...new Set(source.replace(/\\[a-zA-Z](?:\{[^}]*\})?/g, ' ').match(/[A-Za-z%:]{2,}/g) ?? []),
];

/** Makes a text of this length that causes repeated matching attempts. */
export type Attack = (length: number) => string;

const attack =
  (start: string, unit: string, end: string): Attack =>
  (length) =>
    (start + unit.repeat(Math.ceil(length / unit.length))).slice(0, length - end.length) + end;

function* attacksWith(units: readonly string[], starts: readonly string[]): Generator<Attack> {
  for (const unit of units) {
    for (const start of ['', ...starts]) for (const end of ['', '\0', '!']) yield attack(start, unit, end);
  }
}

/** Attacks on an expression: every unit alone, and after the words that it matches. */
export function attacksOn(expression: RegExp): Generator<Attack> {
  const words = wordsOf(expression);
  return attacksWith([...UNITS, ...words], words);
}

/** Attacks on a parser: every unit alone, and after valid beginnings. */
export const attacksOnText = (starts: readonly string[]): Generator<Attack> =>
  attacksWith([...UNITS, ...starts], starts);

/** Shorter times are not compared. */
const NEGLIGIBLE_MS = 30;
/** Four times the text takes four times the work, or sixteen if the work is quadratic. */
const MAX_GROWTH = 10;

/** Whether a text four times as long takes about four times as long. */
export function isLinear(read: (text: string) => void, attack: Attack, length: number): boolean {
  const whole = attack(length);
  const first = milliseconds(read, whole);
  if (first < NEGLIGIBLE_MS) return true;
  const part = attack(Math.ceil(length / 4));
  const shortest = (text: string) => Math.min(...Array.from({ length: 7 }, () => milliseconds(read, text)));
  const took = Math.min(first, shortest(whole));
  return took < NEGLIGIBLE_MS || took < MAX_GROWTH * shortest(part);
}

/** CPU time, so that other processes do not count. */
function milliseconds(read: (text: string) => void, text: string): number {
  const start = process.cpuUsage();
  read(text);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
