/** How long a starting process waits for another one to migrate. */
export const MAX_START_LOCK_SECONDS = 60;

export const lockHeld = () =>
  new Error(
    `another process has held the migration lock of this database for ${MAX_START_LOCK_SECONDS} seconds`,
  );
