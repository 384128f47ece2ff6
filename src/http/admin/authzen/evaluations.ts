import { isObject, type JsonObject } from '../../../administration/documents/merge-patch.js';
import type { Fault } from '../../../protocol/problem.js';
import { assertReadable, ENTITIES, type Question, readQuestion, unknownMembers } from './questions.js';

const QUESTION = [...ENTITIES, 'context'];
const MAX_EVALUATIONS = 1000;

/** Whether to continue after a decision (AuthZEN 7.1.2.1). */
const SEMANTICS: Readonly<Record<string, (granted: boolean) => boolean>> = {
  execute_all: () => true,
  deny_on_first_deny: (granted) => granted,
  permit_on_first_permit: (granted) => !granted,
};

/** The questions of a request for several decisions; `questions` is undefined for a single one (AuthZEN 7.1). */
export interface Evaluations {
  questions: Question[] | undefined;
  single: Question;
  goesOn: (granted: boolean) => boolean;
}

export function readEvaluation(body: JsonObject): Question {
  const [question, faults] = readQuestion(body);
  assertReadable([...unknownMembers(body, QUESTION), ...faults]);
  return question;
}

/** The members beside `evaluations` are defaults of each of them. */
export function readEvaluations(body: JsonObject): Evaluations {
  const { evaluations, options, ...defaults } = body;
  const faults = unknownMembers(defaults, QUESTION);
  const goesOn = SEMANTICS[semanticOf(options, faults)] ?? (() => false);
  if (evaluations === undefined || (Array.isArray(evaluations) && evaluations.length === 0)) {
    const [single, own] = readQuestion(defaults);
    assertReadable([...faults, ...own]);
    return { questions: undefined, single, goesOn };
  }
  if (!Array.isArray(evaluations) || evaluations.length > MAX_EVALUATIONS) {
    assertReadable([
      { path: 'evaluations', message: `must be a list of at most ${MAX_EVALUATIONS} questions` },
    ]);
  }
  const questions = (evaluations as unknown[]).map((given, position) => {
    const path = `evaluations[${position}]`;
    if (!isObject(given)) faults.push({ path, message: 'must be an object' });
    const merged = { ...defaults, ...(isObject(given) ? given : {}) };
    const [question, own] = readQuestion(merged, `${path}.`);
    faults.push(...unknownMembers(merged, QUESTION, `${path}.`), ...own);
    return question;
  });
  assertReadable(faults);
  return { questions, single: questions[0] as Question, goesOn };
}

function semanticOf(options: unknown, faults: Fault[]): string {
  if (options === undefined) return 'execute_all';
  const { evaluations_semantic: semantic = 'execute_all', ...others } = isObject(options) ? options : {};
  if (!isObject(options)) faults.push({ path: 'options', message: 'must be an object' });
  faults.push(...unknownMembers(others, [], 'options.'));
  if (typeof semantic === 'string' && Object.hasOwn(SEMANTICS, semantic)) return semantic;
  const message = `must be one of ${Object.keys(SEMANTICS).join(', ')}`;
  faults.push({ path: 'options.evaluations_semantic', message });
  return '';
}
