/** Nesting of lists and objects; no document of this server needs half of it. */
export const MAX_DEPTH = 32;

/** Thrown for text that is nested too deeply. */
export class TooDeep extends SyntaxError {
  constructor() {
    super(`nested deeper than ${MAX_DEPTH}`);
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** JSON.parse for untrusted text. The depth is checked first, in one pass, so that later recursion is bounded. */
export function parseJson(text: string): unknown {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) at = endOfString(text, at);
    else if (unit === OPEN_LIST || unit === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw new TooDeep();
    } else if (unit === CLOSE_LIST || unit === CLOSE_OBJECT) depth--;
  }
  return JSON.parse(text);
}

/**
 * A name that an object of this JSON has twice, if any: some parsers use the first, JSON.parse the last (RFC 8259 4).
 * The text must have passed parseJson. `counts` selects the names to check, by the depth of their object.
 */
export function repeatedMember(
  text: string,
  counts: (name: string, depth: number) => boolean = () => true,
): string | undefined {
  // The names of each open object; the set is created lazily, because many objects have none.
  const open: (Set<string> | null | undefined)[] = [];
  let atName = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const end = endOfString(text, at);
        if (atName) {
          const name = textOf(text.slice(at, end + 1));
          const seen = open.at(-1);
          if (counts(name, open.length) && seen?.has(name)) return name;
          if (seen) seen.add(name);
          else open[open.length - 1] = new Set([name]);
        }
        atName = false;
        at = end;
        break;
      }
      case OPEN_OBJECT:
        open.push(null);
        atName = true;
        break;
      case OPEN_LIST:
        open.push(undefined);
        atName = false;
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop();
        atName = false;
        break;
      case COMMA:
        atName = open.at(-1) !== undefined;
    }
  }
  return undefined;
}

/** The end of the string that begins here, or of the text if it is not terminated. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === BACKSLASH) at++;
    else if (unit === QUOTE) return at;
  }
  return text.length;
}

const textOf = (literal: string): string =>
  literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
