import { dump } from 'js-yaml';
import Negotiator from 'negotiator';

/** How a document is serialised. */
export interface Representation {
  contentType: string;
  problemType: string;
  write(document: object): string;
  /** If writing a large document takes long: the same in steps. */
  writeInSteps?: (document: object) => Generator<void, string>;
}

const ITEMS_PER_STEP = 100;

const JSON_TEXT: Representation = {
  contentType: 'application/json; charset=utf-8',
  problemType: 'application/problem+json; charset=utf-8',
  write: (document) => JSON.stringify(document),
};

const yaml = (contentType: string): Representation => ({
  contentType,
  problemType: 'application/problem+yaml',
  write: dumped,
  writeInSteps: dumpedInSteps,
});

/** This schema quotes words that YAML 1.1 does not read as strings, such as `no`, for YAML 1.1 parsers. */
function dumped(document: object): string {
  return dump(document, { noRefs: true, lineWidth: -1, skipInvalid: true });
}

/** Serialises each member by itself, and long lists a few items at a time. */
function* dumpedInSteps(document: object): Generator<void, string> {
  let text = '';
  for (const [name, value] of Object.entries(document)) {
    if (value === undefined) continue;
    if (!Array.isArray(value) || value.length <= ITEMS_PER_STEP) {
      text += dumped({ [name]: value });
    } else {
      const head = dumped({ [name]: [] }).replace(' []', '');
      text += head;
      for (let at = 0; at < value.length; at += ITEMS_PER_STEP) {
        text += dumped({ [name]: value.slice(at, at + ITEMS_PER_STEP) }).slice(head.length);
        yield;
      }
    }
    yield;
  }
  return text || dumped({});
}

const KNOWN: ReadonlyMap<string, Representation> = new Map([
  ['application/json', JSON_TEXT],
  ['application/problem+json', JSON_TEXT],
  ['*/*', JSON_TEXT],
  ['application/*', JSON_TEXT],
  ['text/*', JSON_TEXT],
  ['text/yaml', yaml('text/yaml; charset=utf-8')],
  ['application/yaml', yaml('application/yaml')],
  ['application/x-yaml', yaml('application/yaml')],
  ['application/problem+yaml', yaml('application/yaml')],
]);

/** Whether the response will be YAML, which takes far longer to serialise. */
export const isYamlWanted = (accept: string | undefined): boolean => representationFor(accept) !== JSON_TEXT;

/** The caller's preferred representation; JSON if it accepts none of them. */
export function representationFor(accept: string | undefined): Representation {
  if (accept === undefined) return JSON_TEXT;
  for (const type of new Negotiator({ headers: { accept } }).mediaTypes()) {
    const known = KNOWN.get(type.toLowerCase());
    if (known) return known;
  }
  return JSON_TEXT;
}
