import type { SearchParameter } from '../../database/search/search-parameter.js';
import { isLabelKey, isLabelValue } from '../label.js';

/** `key:value`, or `key` with any value; several must all match. Neither can contain a quotation mark. */
export const labelled = (column: string): SearchParameter => ({
  repeats: true,
  restrict(text) {
    const colon = text.indexOf(':');
    const key = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? undefined : text.slice(colon + 1);
    if (!isLabelKey(key)) return { fault: 'must be a label key, or a key, a colon and its value' };
    if (value !== undefined && !isLabelValue(value)) return 'nothing';
    const member = value === undefined ? `"${key}":` : `"${key}":"${value}"`;
    return { sql: `INSTR(${column}, ?) > 0`, values: [member] };
  },
});
