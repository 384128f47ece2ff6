import { isLabelKey, isLabelValue } from '../../clients/label.js';
import type { Fault } from '../../protocol/problem.js';
import { memberPath } from '../documents/member-path.js';
import { isObject } from '../documents/merge-patch.js';

const MAX_LABELS = 64;

const KEY_MESSAGE =
  'the key must be 1 to 63 characters of A-Z a-z 0-9 . _ -, the first and last a letter or digit, optionally after a domain and a slash';
const VALUE_MESSAGE =
  'must be empty, or 1 to 63 characters of A-Z a-z 0-9 . _ -, the first and last a letter or digit';

/** The limits are those of Kubernetes labels, so that a value fits both. */
export function labelFaults(labels: unknown): Fault[] {
  if (labels === undefined) return [];
  if (!isObject(labels)) return [{ path: 'labels', message: 'must be an object of strings' }];
  const entries = Object.entries(labels);
  if (entries.length > MAX_LABELS) {
    return [{ path: 'labels', message: `must contain at most ${MAX_LABELS} labels` }];
  }
  return entries.flatMap(([key, value]) => {
    const message = faultOf(key, value);
    return message === undefined ? [] : [{ path: memberPath('labels', key), message }];
  });
}

function faultOf(key: string, value: unknown): string | undefined {
  if (!isLabelKey(key)) return KEY_MESSAGE;
  return isLabelValue(value) ? undefined : VALUE_MESSAGE;
}
