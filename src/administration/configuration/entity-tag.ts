/** Weak tags match too: some clients send no other form. */
export function namesTag(tags: string, etag: string): boolean {
  if (tags.trim() === '*') return true;
  return tags.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}
