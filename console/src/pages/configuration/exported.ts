import { type Bundle, nextOf, rowsOf, type ServerDocument } from '../../api/documents.ts';
import { call, searchPath } from '../../api/request.ts';
import { toYaml } from '../../api/yaml.ts';
import { editableOf } from '../documents/editable.ts';
import { isOwnType } from '../resources/own-types.ts';

const TYPES = ['TrustedIssuer', 'Client', 'Resource', 'AccessPolicy'];
const PAGE_ROWS = 1_000;

/** Every document that is written, as a Bundle of PUTs. */
export async function exported(): Promise<string> {
  const entry = [];
  for (const type of TYPES) {
    for (const document of await all(type)) {
      if (type === 'Resource' && isOwnType(document.id)) continue;
      entry.push({
        request: { method: 'PUT', url: `${type}/${document.id}` },
        resource: editableOf(document),
      });
    }
  }
  return entry.length === 0 ? '' : toYaml({ type: 'transaction', entry });
}

async function all(type: string): Promise<ServerDocument[]> {
  const found: ServerDocument[] = [];
  let after: string | undefined;
  do {
    const { body } = await call<Bundle<ServerDocument>>(
      searchPath(type, { _count: PAGE_ROWS, _after: after }),
    );
    found.push(...rowsOf(body));
    after = nextOf(body);
  } while (after !== undefined);
  return found;
}
