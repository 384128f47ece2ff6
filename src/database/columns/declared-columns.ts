import { getMetadataArgsStorage } from 'typeorm';

export type Entity<T> = new () => T;

/** A column as the decorators of its entity declare it, for code that speaks SQL. */
export interface EntityColumn {
  property: string;
  name: string;
  kind: 'text' | 'number' | 'flag';
  nullable: boolean;
}

const KINDS: Readonly<Record<string, EntityColumn['kind']>> = { bigint: 'number', boolean: 'flag' };

/** The columns of these properties, in this order. */
export function columnsOf<T>(entity: Entity<T>, properties: readonly (keyof T & string)[]): EntityColumn[] {
  const declared = new Map(declaredColumns(entity).map((column) => [column.property, column]));
  return properties.map((property) => declared.get(property) as EntityColumn);
}

/** The properties of all columns but those of `omitted`, as they are declared. */
export function propertiesOf<T, O extends keyof T & string = never>(
  entity: Entity<T>,
  omitted: readonly O[] = [],
): Exclude<keyof T & string, O>[] {
  const names = declaredColumns(entity).map(({ property }) => property as keyof T & string);
  return names.filter((name): name is Exclude<keyof T & string, O> => !omitted.some((one) => one === name));
}

export const namesOf = (columns: readonly EntityColumn[]): string[] => columns.map(({ name }) => name);

const declaredColumns = (entity: Entity<unknown>): EntityColumn[] =>
  getMetadataArgsStorage()
    .columns.filter(({ target }) => target === entity)
    .map(({ propertyName, options }) => ({
      property: propertyName,
      name: options.name ?? propertyName,
      kind: KINDS[String(options.type)] ?? 'text',
      nullable: options.nullable === true,
    }));
