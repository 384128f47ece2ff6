import { TemporarilyUnavailable } from '../../protocol/unavailable.js';

/** From request to response, including the wait in the queue. */
export const MAX_SEARCH_MILLISECONDS = 2800;

/** A search that the database cannot finish in time. */
export class SearchTimeout extends TemporarilyUnavailable {
  constructor(cause?: unknown) {
    super(
      cause,
      'the search took too long: restrict it by an indexed parameter (_id, client, start), or sort it by id',
    );
  }
}
