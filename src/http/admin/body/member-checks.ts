import { Type } from 'class-transformer';
import { ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import { isObject } from './merge-patch.js';

/** What is wrong with a value, in words that follow its path; nothing when it is right. */
export type Check = (value: unknown, owner: object) => string | undefined;

/** The name of a check of a member as a whole. */
export const MEMBER_CHECK = 'member';

/** The name of a check of a list's items; it travels with its fault, so that each wrong item gets its own path. */
export const ITEM_CHECK = 'item';

/** The member may be left out; null is not the same as leaving it out. */
export const Optional = (): PropertyDecorator => ValidateIf((_owner, value) => value !== undefined);

export function Is(check: Check): PropertyDecorator {
  return ValidateBy({
    name: MEMBER_CHECK,
    validator: {
      validate: (value, args) => check(value, args?.object ?? {}) === undefined,
      defaultMessage: (args) => check(args?.value, args?.object ?? {}) ?? '',
    },
  });
}

export interface ListBounds {
  least?: number;
  most: number;
}

/** A list whose items are each right by themselves. */
export function ListOf(item: Check, bounds: ListBounds): PropertyDecorator {
  const right = (value: unknown, owner: object) =>
    Array.isArray(value) ? value.every((one) => item(one, owner) === undefined) : true;
  return (target, name) => {
    Is(listOf(bounds))(target, name);
    ValidateBy(
      { name: ITEM_CHECK, validator: { validate: (value, args) => right(value, args?.object ?? {}) } },
      // Without a message class-validator forgets the context.
      { message: 'has wrong items', context: { check: item } },
    )(target, name);
  };
}

/** An object with members of its own. */
export function Nested(type: () => new () => object): PropertyDecorator {
  return (target, name) => {
    Is(object)(target, name);
    ValidateNested()(target, name);
    Type(type)(target, name);
  };
}

/** The most items of each member that is a list of objects, by class. */
const listBounds = new WeakMap<object, Map<string, number>>();

/** A list of objects with members of their own. */
export function NestedList(type: () => new () => object, bounds: ListBounds): PropertyDecorator {
  return (target, name) => {
    listBounds.set(target, new Map(listBounds.get(target)).set(String(name), bounds.most));
    ListOf(object, bounds)(target, name);
    ValidateNested({ each: true })(target, name);
    Type(type)(target, name);
  };
}

/**
 * The body with each list of objects that is too long cut to one item more than it may have: enough to refuse it, and
 * nothing that takes long to validate.
 */
export function withBoundedLists(type: new () => object, body: Readonly<Record<string, unknown>>): object {
  const bounded: Record<string, unknown> = { ...body };
  for (const [name, most] of listBounds.get(type.prototype) ?? []) {
    const list = Object.hasOwn(body, name) ? body[name] : undefined;
    if (Array.isArray(list) && list.length > most) bounded[name] = Array(most + 1).fill(null);
  }
  return bounded;
}

const object: Check = (value) => (isObject(value) ? undefined : 'must be an object');

const listOf =
  ({ least = 0, most }: ListBounds): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length < least) return 'must not be empty';
    return value.length > most ? `must have no more than ${most} items` : undefined;
  };

export const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

/** Counted in characters, as the database counts them. */
export const text =
  (least: number, most: number): Check =>
  (value) => {
    if (typeof value !== 'string') return 'must be a string';
    const { length } = [...value];
    return length < least || length > most ? `must have ${least} to ${most} characters` : undefined;
  };

export const oneOf =
  (choices: readonly string[]): Check =>
  (value) =>
    typeof value === 'string' && choices.includes(value) ? undefined : `must be one of ${choices.join(', ')}`;

export const wholeNumber =
  (least: number, most: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= least && Number(value) <= most
      ? undefined
      : `must be a whole number from ${least} to ${most}`;
