import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** A regular expression of the sources, and the file that it is in. */
export interface SourceExpression {
  file: string;
  text: string;
  expression: RegExp | undefined;
}

/** Every regular expression in the files under a folder, tests left out; those put together at run time have no value. */
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

/** Literal words of an expression: an attack begins like what it looks for. */
const wordsOf = ({ source }: RegExp): string[] => [
  ...new Set(source.replace(/\\[a-zA-Z](?:\{[^}]*\})?/g, ' ').match(/[A-Za-z%:]{2,}/g) ?? []),
];

/** Makes a text of a length that has something read again and again what does not fit. */
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

/** Attacks on an expression: every unit alone, and behind the words that it looks for. */
export function attacksOn(expression: RegExp): Generator<Attack> {
  const words = wordsOf(expression);
  return attacksWith([...UNITS, ...words], words);
}

/** Attacks on a function that reads text: every unit alone, and behind the beginnings that it knows. */
export const attacksOnText = (starts: readonly string[]): Generator<Attack> =>
  attacksWith([...UNITS, ...starts], starts);

/** Below this no growth is measured. */
const NEGLIGIBLE_MS = 30;
/** Four times the text is four times the work, or sixteen where the work is quadratic. */
const MAX_GROWTH = 10;

/** Whether four times as long a text takes about four times as long; what a busy machine adds is not of the work. */
export function isLinear(read: (text: string) => void, attack: Attack, length: number): boolean {
  const whole = attack(length);
  const first = milliseconds(read, whole);
  if (first < NEGLIGIBLE_MS) return true;
  const part = attack(Math.ceil(length / 4));
  const shortest = (text: string) => Math.min(...Array.from({ length: 7 }, () => milliseconds(read, text)));
  const took = Math.min(first, shortest(whole));
  return took < NEGLIGIBLE_MS || took < MAX_GROWTH * shortest(part);
}

/** Of the processor, not of the clock: others that want the same processor add nothing. */
function milliseconds(read: (text: string) => void, text: string): number {
  const start = process.cpuUsage();
  read(text);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
