import { parseDocument } from 'yaml';
import { unreadable } from '../../../protocol/problem.js';

const MOST_ALIASES = 20;

/** Reads one YAML 1.2 document of the core schema: no tags beyond it, no merge keys, few aliases, no repeated key. */
export function readYaml(text: string, check: (value: unknown) => void): unknown {
  const value = parse(text);
  check(value);
  return value;
}

function parse(text: string): unknown {
  const document = parseDocument(text, {
    schema: 'core',
    version: '1.2',
    merge: false,
    resolveKnownTags: false,
    stringKeys: true,
    uniqueKeys: true,
    prettyErrors: false,
    logLevel: 'error',
  });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw unreadable(`the body is not YAML that is taken here (${fault.code})`);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    if (error instanceof ReferenceError) throw unreadable(`the body has more than ${MOST_ALIASES} aliases`);
    throw error;
  }
}
