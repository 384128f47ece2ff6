/** Total time that a request waits for another process's lock; its caller is answered within three seconds. */
export const MAX_LOCK_WAIT_MS = 2000;
