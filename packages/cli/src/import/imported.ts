import type { JsonObject } from '../connection.js';
import { nameOf, type TypeName, type Wanted } from '../documents.js';

/** A document that an import makes, with a secret or the hash of one. */
export interface Imported {
  type: TypeName;
  id: string;
  /** Without the secret. */
  body: JsonObject;
  secret?: string;
  secretHash?: string;
  /** The object of the source. */
  origin: string;
}

/** The documents that an import makes, by type and id. */
export class ImportedDocuments {
  private readonly documents = new Map<string, Imported>();

  /** Returns false if there is one of this type and id already. */
  add(document: Imported): boolean {
    const name = nameOf(document);
    if (this.documents.has(name)) return false;
    this.documents.set(name, document);
    return true;
  }

  has(type: TypeName, id: string): boolean {
    return this.documents.has(nameOf({ type, id }));
  }

  find(type: TypeName, id: string): Imported | undefined {
    return this.documents.get(nameOf({ type, id }));
  }

  get all(): Imported[] {
    return [...this.documents.values()];
  }

  /** In the form that `apply` accepts. */
  get wanted(): Wanted[] {
    return this.all.map(({ type, id, body, secret, secretHash, origin }) => ({
      type,
      id,
      body: {
        ...body,
        ...(secret === undefined ? {} : { secret }),
        ...(secretHash === undefined ? {} : { secret_hash: secretHash }),
      },
      file: origin,
    }));
  }
}
