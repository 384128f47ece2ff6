import {
  CORE_SCHEMA,
  EVENT_SCALAR,
  load,
  parseEvents,
  SCALAR_STYLE_DOUBLE_QUOTED,
  YAMLException,
} from 'js-yaml';
import { MAX_DEPTH } from '../../../protocol/json-text.js';
import { Problem, unreadable } from '../../../protocol/problem.js';

export const MAX_YAML_BYTES = 64 * 1024;
const MAX_ALIASES = 20;
const MAX_REASON_LENGTH = 120;
const MAX_CODE_POINT = 0x10ffff;
/** A scalar is one level deeper than its collection. */
const BOUNDS = { maxDepth: MAX_DEPTH + 1, maxAliases: MAX_ALIASES };
const UNTAKEN = 'the body is not valid or supported YAML';

/** No line of a document except the first can match this, not even inside a string (YAML 1.2.2 9.1.2). */
const DOCUMENT_START = /^---(?=[ \t\r\n]|$)/gm;

const MAY_EXCEED_UNICODE = /\\U(?:[1-9a-f]|0[1-9a-f]|00[2-9a-f]|001[1-9a-f])/i;
/** An escape, with the digits of a long one. */
const ESCAPE = /\\(?:U([0-9a-f]{8})|.)/gis;

/**
 * Parses one YAML 1.2 document of the core schema: no further tags, no merge keys, few aliases, no repeated keys. The
 * parser stops at the first fault and counts depth as it goes.
 */
export function readYaml(text: string, check: (value: unknown) => void): unknown {
  if (Buffer.byteLength(text) > MAX_YAML_BYTES)
    throw new Problem(
      413,
      'Payload Too Large',
      `a YAML body must be at most ${MAX_YAML_BYTES} bytes; send larger bodies as JSON`,
    );
  const [, second] = text.matchAll(DOCUMENT_START);
  if (second) throw unreadable('the body contains more than one YAML document');
  const value = parse(text);
  check(value);
  return value;
}

function parse(text: string): unknown {
  try {
    const value = load(text, { schema: CORE_SCHEMA, ...BOUNDS });
    if (MAY_EXCEED_UNICODE.test(text)) assertUnicode(text);
    return value;
  } catch (error) {
    // The parser does not guarantee one class for all its errors; its only input was the text.
    throw unreadable(error instanceof YAMLException ? messageOf(error) : UNTAKEN);
  }
}

/** The parser turns an escape above U+10FFFF into another character (YAML 1.2.2 5.7). */
function assertUnicode(text: string): void {
  for (const event of parseEvents(text, BOUNDS)) {
    if (event.type !== EVENT_SCALAR || event.style !== SCALAR_STYLE_DOUBLE_QUOTED) continue;
    for (const { index, 1: digits = '0' } of text.slice(event.valueStart, event.valueEnd).matchAll(ESCAPE)) {
      if (Number.parseInt(digits, 16) > MAX_CODE_POINT)
        YAMLException.throwAt(text, event.valueStart + index, 'an escape is above U+10FFFF');
    }
  }
}

/** Line and column count from one. The parser's own snippet would repeat the body. */
function messageOf({ reason, mark }: YAMLException): string {
  const place = mark ? `, line ${mark.line + 1}, column ${mark.column + 1}` : '';
  return `${UNTAKEN}${place}: ${reason.slice(0, MAX_REASON_LENGTH)}`;
}
