import { createTwoFilesPatch } from 'diff';
import { asYaml, nameOf } from './documents.js';
import type { Action, Change, Plan } from './plan.js';

const MARKS: Record<Action, string> = { create: '+', change: '~', delete: '-' };

/** The lines in which two documents differ, with their surroundings. */
function diffOf({ before, after }: Change): string[] {
  const [was, is] = [before, after].map((document) => (document ? asYaml(document) : ''));
  const patch = createTwoFilesPatch('', '', was ?? '', is ?? '', '', '', { context: 2 });
  const lines = patch
    .split('\n')
    .slice(4)
    .filter((line) => /^[-+ ]/.test(line));
  // The server shows no secret: a document that changes without a difference gets another one.
  return lines.length > 0 ? lines : ['  the secret changes'];
}

export function summaryOf({ changes, unchanged }: Plan): string {
  const count = (action: Action) => changes.filter((change) => change.action === action).length;
  if (changes.length === 0) return `No changes: ${unchanged} documents are as the server has them.`;
  return `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete, ${unchanged} unchanged.`;
}

export const asText = (plan: Plan): string =>
  [
    ...plan.changes.map((change) =>
      [`${MARKS[change.action]} ${nameOf(change)}`, ...diffOf(change).map((line) => `    ${line}`), ''].join(
        '\n',
      ),
    ),
    summaryOf(plan),
  ].join('\n');

/** For a comment on a pull request. */
export const asMarkdown = (plan: Plan): string =>
  [
    `**${summaryOf(plan)}**`,
    ...plan.changes.map((change) =>
      [
        '',
        `<details><summary>${MARKS[change.action]} ${nameOf(change)}</summary>`,
        '',
        '```diff',
        ...diffOf(change),
        '```',
        '',
        '</details>',
      ].join('\n'),
    ),
  ].join('\n');
