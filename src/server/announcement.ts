import type { Log } from '../config/log.js';
import type { Settings } from '../config/settings.js';
import type { Show } from '../policies/first-administrator.js';

/** What standard output says to people; the address comes first. */
const address = (publicUrl: string): string => `Latchkey serves ${publicUrl}\n`;

/** Tells the address, and how to get in again; the secret itself is shown by the start that makes it alone. */
export async function announce({ publicUrl, adminClientSecret }: Settings): Promise<void> {
  const hint =
    "Lost the administrator's secret? Start once with LATCHKEY_ADMIN_CLIENT_SECRET=<a new secret>.\n";
  const text = adminClientSecret === undefined ? address(publicUrl) + hint : address(publicUrl);
  // Nobody reads it: that is no reason not to serve.
  await tell(text).catch(() => undefined);
}

/** Tells the address and the secret that was made, in the process that makes it. */
export const printNewAdmin =
  (publicUrl: string): Show =>
  ({ id, secret }) =>
    tell(
      `${address(publicUrl)}\nThe first administrator was made. Its secret is shown this once:\n\n` +
        `  client id      ${id}\n  client secret  ${secret}\n\n`,
    );

/** The last line of the log, whoever has served. */
export const logStopped = (log: Log): void => log.info({}, 'Latchkey has stopped');

function tell(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // What the system says of it must not be taken for an error of the database.
    const fail = (cause: Error) => reject(new Error('nothing can be written to standard output', { cause }));
    process.stdout.once('error', fail);
    process.stdout.write(text, (error) => (error ? fail(error) : resolve()));
  });
}
