/** A character that databases and logs cannot store. It matches little text, so that most is skipped. */
export const UNSTORABLE = /[\p{Surrogate}\p{Control}]/u;
