import { parse } from 'node:querystring';

/** The fields of a form, and which parameter cannot be decoded, if any; positions count from one. */
export interface FormReading {
  fields: Record<string, unknown>;
  undecodable?: { name: string; position: number };
}

/**
 * Parses a form. By default the parser inserts replacement characters for invalid UTF-8, which would be a value that
 * was not sent.
 */
export function parseForm(text: string): FormReading {
  // Node takes a slower path with a custom decoder, which a form without percent-encoding does not need.
  if (!text.includes('%')) return { fields: parse(text, '&', '=', { maxKeys: 0 }) };
  let sound = true;
  const fields = parse(text, '&', '=', {
    maxKeys: 0,
    decodeURIComponent: (part) => {
      const decoded = part.includes('%') ? decodePart(part) : part;
      if (decoded === undefined) sound = false;
      return decoded ?? '';
    },
  });
  return sound ? { fields } : { fields, undecodable: firstUndecodable(text) };
}

/** Decodes percent-encoding; undefined if it is malformed or not UTF-8. */
export function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}

function firstUndecodable(text: string): { name: string; position: number } {
  const parameters = text.split('&');
  const at = parameters.findIndex((parameter) => decodePart(parameter) === undefined);
  const [name = ''] = parameters[at]?.split('=', 1) ?? [];
  return { name, position: at + 1 };
}
