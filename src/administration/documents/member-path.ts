/** The path of a member, such as `rules[0].operations[1]`. */
export const memberPath = (parent: string, name: string): string =>
  parent === '' ? name : `${parent}.${name}`;

export const itemPath = (parent: string, position: number): string => `${parent}[${position}]`;
