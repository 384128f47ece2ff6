/** What a caller lacks for a write, in words, and the permission where there is one to name. */
export interface Missing {
  description: string;
  permission?: string;
}
