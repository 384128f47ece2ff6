import { type Document, isScalar, parseDocument, visit } from 'yaml';
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
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) throw unreadable(`the body is not YAML that is taken here (${fault.code})`);
  refuseRepeatedKeys(document);
  try {
    return document.toJS({ maxAliasCount: MOST_ALIASES });
  } catch (error) {
    if (error instanceof ReferenceError) throw unreadable(`the body has more than ${MOST_ALIASES} aliases`);
    throw error;
  }
}

/** The parser's own look compares each key with every other one: a body of many members would take it minutes. */
function refuseRepeatedKeys(document: Document): void {
  visit(document, {
    Map(_key, { items }) {
      const seen = new Set<unknown>();
      for (const { key } of items) {
        const name = isScalar(key) ? key.value : key;
        if (seen.has(name)) throw unreadable('the body gives a member twice');
        seen.add(name);
      }
    },
  });
}
