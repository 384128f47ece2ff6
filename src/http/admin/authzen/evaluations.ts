import { isObject, type JsonObject } from '../../../administration/documents/merge-patch.js';
import type { Fault } from '../../../protocol/problem.js';
import { assertReadable, ENTITIES, type Question, readQuestion } from './questions.js';

const MAX_EVALUATIONS = 1000;

/** Whether to continue after a decision (AuthZEN 7.1.2.1). */
const SEMANTICS: Readonly<Record<string, (granted: boolean) => boolean>> = {
  execute_all: () => true,
  deny_on_first_deny: (granted) => granted,
  permit_on_first_permit: (granted) => !granted,
};

/** The questions of a request for several decisions; `questions` is undefined for a single one (AuthZEN 7.1). */
export interface Evaluations {
  /** One that cannot be read is refused by itself (AuthZEN 7.2.1). */
  questions: (Question | readonly Fault[])[] | undefined;
  single: Question;
  goesOn: (granted: boolean) => boolean;
}

export function readEvaluation(body: JsonObject): Question {
  const [question, faults] = readQuestion(body);
  assertReadable(faults);
  return question;
}

/** The members beside `evaluations` are defaults of each of them. */
export function readEvaluations(body: JsonObject): Evaluations {
  const { evaluations, options, ...defaults } = body;
  const faults: Fault[] = [];
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
  assertReadable(faults);
  const questions = (evaluations as unknown[]).map((given, position) => partOf(defaults, given, position));
  return { questions, single: defaults as unknown as Question, goesOn };
}

function partOf(defaults: JsonObject, given: unknown, position: number): Question | readonly Fault[] {
  const path = `evaluations[${position}]`;
  if (!isObject(given)) return [{ path, message: 'must be an object' }];
  const [question, faults] = readQuestion(completed(given, defaults), `${path}.`);
  return faults.length > 0 ? faults : question;
}

/** An entity takes the place of its default, except for a required member that it omits. */
function completed(given: JsonObject, defaults: JsonObject): JsonObject {
  const entities = ENTITIES.flatMap((entity) => {
    const [own, otherwise] = [given[entity], defaults[entity]];
    if (!isObject(own) || !isObject(otherwise)) return [];
    const { properties: _, ...identifying } = otherwise;
    return [[entity, { ...identifying, ...own }]];
  });
  return { ...defaults, ...given, ...Object.fromEntries(entities) };
}

function semanticOf(options: unknown, faults: Fault[]): string {
  if (options === undefined) return 'execute_all';
  const { evaluations_semantic: semantic = 'execute_all' } = isObject(options) ? options : {};
  if (!isObject(options)) faults.push({ path: 'options', message: 'must be an object' });
  if (typeof semantic === 'string' && Object.hasOwn(SEMANTICS, semantic)) return semantic;
  const message = `must be one of ${Object.keys(SEMANTICS).join(', ')}`;
  faults.push({ path: 'options.evaluations_semantic', message });
  return '';
}
