/** What a caller lacks for a write: a description, and the permission if there is one to name. */
export interface Missing {
  description: string;
  permission?: string;
}
