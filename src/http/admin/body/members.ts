import { plainToInstance } from 'class-transformer';
import { type ValidationError, validateSync } from 'class-validator';
import { type Fault, refuseFaults } from '../../../protocol/problem.js';
import { type Check, ITEM_CHECK, MEMBER_CHECK, withBoundedLists } from './member-checks.js';
import { memberHint } from './member-hints.js';
import { itemPath, memberPath } from './member-path.js';
import type { JsonObject } from './merge-patch.js';
import { textFaults } from './text-faults.js';

/** Reads the members of a body by their declarations, and gathers everything that is wrong with them. */
export class MembersReading<T extends object> {
  private readonly found = new Map<string, string>();
  private readonly instance: T;

  constructor(type: new () => T, body: JsonObject) {
    this.add(textFaults(body));
    this.instance = plainToInstance(type, withBoundedLists(type, body) as JsonObject);
    const errors = validateSync(this.instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      validationError: { target: false, value: true },
    });
    this.add(errors.flatMap((error) => faultsOf(error, '', false)));
  }

  /** One fault for each path: the first that was found. */
  add(faults: readonly Fault[]): void {
    for (const { path, message } of faults) if (!this.found.has(path)) this.found.set(path, message);
  }

  isRight(): boolean {
    return this.found.size === 0;
  }

  /** The members, when nothing is wrong with any of them. */
  take(): T {
    refuseFaults([...this.found].map(([path, message]) => ({ path, message })));
    return this.instance;
  }
}

function faultsOf(error: ValidationError, parent: string, inList: boolean): Fault[] {
  const path = pathOf(error.property, parent, inList);
  const { constraints = {}, contexts = {}, children = [], value } = error;
  // What is wrong as a whole is not looked into.
  if (constraints[MEMBER_CHECK]) return [{ path, message: constraints[MEMBER_CHECK] }];
  const own = Object.entries(constraints).flatMap(([name, message]) =>
    name === ITEM_CHECK
      ? itemFaults(value, contexts[name].check, path)
      : [{ path, message: worded(name, message, error.property) }],
  );
  const wrong = new Set(own.map((fault) => fault.path));
  const isList = Array.isArray(value);
  const right = children.filter(({ property }) => !wrong.has(pathOf(property, path, isList)));
  return [...own, ...right.flatMap((child) => faultsOf(child, path, isList))];
}

/** An object of no declared kind has faults without a name of their own. */
function pathOf(name: string | undefined, parent: string, inList: boolean): string {
  if (name === undefined) return parent;
  return inList ? itemPath(parent, Number(name)) : memberPath(parent, name);
}

function worded(constraint: string, message: string, member: string | undefined): string {
  if (constraint === 'whitelistValidation') {
    const hint = memberHint(member ?? '');
    return hint === undefined ? 'is not a member' : `is not a member; ${hint}`;
  }
  return constraint === 'nestedValidation' || constraint === 'unknownValue' ? 'must be an object' : message;
}

function itemFaults(list: unknown, check: Check, path: string): Fault[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, position) => {
    const message = check(item, list);
    return message === undefined ? [] : [{ path: itemPath(path, position), message }];
  });
}
