export const TOKEN_FORMATS = ['jwt', 'opaque'] as const;

export type TokenFormat = (typeof TOKEN_FORMATS)[number];
