import { InvalidSetting } from './invalid-setting.js';
import type { ReadSetting } from './setting-reader.js';

const ALLOW_OR_DENY = ['allow', 'deny'] as const;

const ON_OR_OFF = ['on', 'off'] as const;

export function readChoice<T extends string>(
  read: ReadSetting,
  name: string,
  choices: readonly T[],
  otherwise: T,
): T {
  const value = read(name) ?? otherwise;
  const choice = choices.find((known) => known === value);
  if (choice === undefined) throw new InvalidSetting(name, `must be one of ${choices.join(', ')}`);
  return choice;
}

/** Denied unless the setting is `allow`. */
export const isAllowed = (read: ReadSetting, name: string): boolean =>
  readChoice(read, name, ALLOW_OR_DENY, 'deny') === 'allow';

export const isOn = (read: ReadSetting, name: string, otherwise: 'on' | 'off'): boolean =>
  readChoice(read, name, ON_OR_OFF, otherwise) === 'on';

export interface NumberBounds {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

export function readWholeNumber(
  read: ReadSetting,
  name: string,
  { min, max, unit }: NumberBounds,
  otherwise: string,
): number {
  const value = read(name) ?? otherwise;
  const digits = String(max).length;
  const number = Number(value);
  if (!/^\d+$/.test(value) || value.length > digits || number < min || number > max) {
    throw new InvalidSetting(
      name,
      `must be a whole number ${unit ? `of ${unit} ` : ''}from ${min} to ${max}`,
    );
  }
  return number;
}
