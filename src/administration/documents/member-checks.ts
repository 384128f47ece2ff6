import { Allow, ValidateBy, ValidateIf, ValidateNested } from 'class-validator';
import { isObject } from './merge-patch.js';

/** Fits a signed 32-bit number of seconds; token lifetimes are limited to 30 days elsewhere. */
export const MAX_SECONDS = 2_147_483_647;

/** What is wrong with a value, phrased to follow its path; undefined if it is valid. */
export type Check = (value: unknown, owner: object) => string | undefined;

/** Name of the check of a whole member. */
export const MEMBER_CHECK = 'member';

/**
 * Name of the check of a list's items; the check is attached to its fault, so that each invalid item gets its own
 * path.
 */
export const ITEM_CHECK = 'item';

export type MembersType = new () => object;

/** A declared member: what class-validator is given, in the form in which the items of a long list are checked. */
export interface DeclaredMember {
  optional?: true;
  check?: Check;
  item?: Check;
  object?: () => MembersType;
  items?: () => MembersType;
  /** Any JSON, checked elsewhere, in which text may have control characters. */
  anyJson?: true;
}

const declarations = new WeakMap<object, Map<string, DeclaredMember>>();

function declare(target: object, name: string | symbol, more: DeclaredMember): void {
  const own = declarations.get(target) ?? new Map<string, DeclaredMember>();
  own.set(String(name), { ...own.get(String(name)), ...more });
  declarations.set(target, own);
}

/** The members of a class and its superclasses. */
export function declaredMembers(type: MembersType): ReadonlyMap<string, DeclaredMember> {
  const known = membersOfType.get(type) ?? gathered(type.prototype);
  membersOfType.set(type, known);
  return known;
}

const membersOfType = new WeakMap<MembersType, ReadonlyMap<string, DeclaredMember>>();

const gathered = (prototype: object | null): ReadonlyMap<string, DeclaredMember> =>
  prototype === null
    ? new Map()
    : new Map([...gathered(Object.getPrototypeOf(prototype)), ...(declarations.get(prototype) ?? [])]);

/** The member may be omitted; null does not count as omitted. */
export const Optional = (): PropertyDecorator => (target, name) => {
  declare(target, name, { optional: true });
  ValidateIf((_owner, value) => value !== undefined)(target, name);
};

/** The member is checked elsewhere. */
export const Unchecked = (): PropertyDecorator => (target, name) => {
  declare(target, name, {});
  Allow()(target, name);
};

/** Any JSON value, checked elsewhere. */
export const AnyJson = (): PropertyDecorator => (target, name) => {
  declare(target, name, { anyJson: true });
  Allow()(target, name);
};

export const Is =
  (check: Check): PropertyDecorator =>
  (target, name) => {
    declare(target, name, { check });
    ValidateBy({
      name: MEMBER_CHECK,
      validator: {
        validate: (value, args) => check(value, args?.object ?? {}) === undefined,
        defaultMessage: (args) => check(args?.value, args?.object ?? {}) ?? '',
      },
    })(target, name);
  };

export interface ListBounds {
  least?: number;
  most: number;
}

/** A list whose items are each checked on their own; the items of a list that is too long are not checked. */
export function ListOf(item: Check, bounds: ListBounds): PropertyDecorator {
  const whole = listOf(bounds);
  const right = (value: unknown, owner: object) =>
    !Array.isArray(value) ||
    whole(value, owner) !== undefined ||
    value.every((one) => item(one, owner) === undefined);
  return (target, name) => {
    Is(whole)(target, name);
    declare(target, name, { item });
    ValidateBy(
      { name: ITEM_CHECK, validator: { validate: (value, args) => right(value, args?.object ?? {}) } },
      // Without a message, class-validator drops the context.
      { message: 'contains invalid items', context: { check: item } },
    )(target, name);
  };
}

/** An object with declared members. */
export function Nested(type: () => MembersType): PropertyDecorator {
  return (target, name) => {
    Is(object)(target, name);
    declare(target, name, { object: type });
    ValidateNested()(target, name);
  };
}

/** A list of objects with declared members. */
export function NestedList(type: () => MembersType, bounds: ListBounds): PropertyDecorator {
  return (target, name) => {
    ListOf(object, bounds)(target, name);
    declare(target, name, { items: type });
  };
}

const object: Check = (value) => (isObject(value) ? undefined : 'must be an object');

const listOf =
  ({ least = 0, most }: ListBounds): Check =>
  (value) => {
    if (!Array.isArray(value)) return 'must be a list';
    if (value.length < least) return 'must not be empty';
    return value.length > most ? `must contain at most ${most} items` : undefined;
  };

export const flag: Check = (value) => (typeof value === 'boolean' ? undefined : 'must be true or false');

/** Counted in characters, as in the database. */
export const text =
  (least: number, most: number): Check =>
  (value) => {
    if (typeof value !== 'string') return 'must be a string';
    const { length } = [...value];
    return length < least || length > most ? `must be ${least} to ${most} characters` : undefined;
  };

/** The purpose of a document, in words. */
export const description = text(0, 1000);

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
