import { type ValidationError, validateSync } from 'class-validator';
import { assertNoFaults, type Fault } from '../../protocol/problem.js';
import { faultsOfLists, unknownMember } from './item-faults.js';
import { type Check, declaredMembers, ITEM_CHECK, MEMBER_CHECK, type MembersType } from './member-checks.js';
import { itemPath, memberPath } from './member-path.js';
import { isObject, type JsonObject } from './merge-patch.js';
import { textFaults } from './text-faults.js';

/** Validates the members of a body against their declarations and collects all faults. */
export class MembersReading<T extends object> {
  private readonly found = new Map<string, string>();
  private readonly instance: T;

  constructor(type: new () => T, body: JsonObject) {
    this.add(textFaults(withoutAnyJson(type, body)));
    this.instance = instanceOf(type, body);
    const errors = validateSync(this.instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      validationError: { target: false, value: true },
    });
    this.add(errors.flatMap((error) => faultsOf(error, '')));
    this.add(faultsOfLists(type, body));
  }

  /** Keeps one fault for each path: the first one found. */
  add(faults: readonly Fault[]): void {
    for (const { path, message } of faults) if (!this.found.has(path)) this.found.set(path, message);
  }

  isRight(): boolean {
    return this.found.size === 0;
  }

  /** The members, if all of them are valid. */
  take(): T {
    assertNoFaults([...this.found].map(([path, message]) => ({ path, message })));
    return this.instance;
  }
}

function withoutAnyJson(type: MembersType, body: JsonObject): JsonObject {
  const free = [...declaredMembers(type)].filter(([name, { anyJson }]) => anyJson && name in body);
  return free.length === 0
    ? body
    : { ...body, ...Object.fromEntries(free.map(([name]) => [name, undefined])) };
}

/** The members as class-validator needs them: a member declared as an object becomes an instance of its class. */
function instanceOf<T extends object>(type: new () => T, body: JsonObject): T {
  const instance = Object.assign(new type(), body) as T & JsonObject;
  for (const [name, { object }] of declaredMembers(type)) {
    const value = body[name];
    if (!object || value === undefined) continue;
    // class-validator would descend into each item of a list; null is not an object either.
    Object.assign(instance, { [name]: isObject(value) ? instanceOf(object(), value) : null });
  }
  return instance;
}

function faultsOf(error: ValidationError, parent: string): Fault[] {
  const { constraints = {}, contexts = {}, children = [], value, property } = error;
  // An undeclared object has faults without a property name.
  const path = property === undefined ? parent : memberPath(parent, property);
  // A member that is invalid as a whole is not examined further.
  if (constraints[MEMBER_CHECK]) return [{ path, message: constraints[MEMBER_CHECK] }];
  const own = Object.entries(constraints).flatMap(([name, message]) =>
    name === ITEM_CHECK
      ? itemFaults(value, contexts[name].check, path)
      : [{ path, message: name === 'whitelistValidation' ? unknownMember(property) : message }],
  );
  return [...own, ...children.flatMap((child) => faultsOf(child, path))];
}

function itemFaults(list: unknown, check: Check, path: string): Fault[] {
  if (!Array.isArray(list)) return [];
  return list.flatMap((item, position) => {
    const message = check(item, list);
    return message === undefined ? [] : [{ path: itemPath(path, position), message }];
  });
}
