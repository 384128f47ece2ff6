import type { Show } from '../administration/administrators/first-administrator.js';
import type { Log } from '../config/log.js';
import type { Settings } from '../config/settings.js';

/** Standard output is for people; it starts with the address. */
const address = (publicUrl: string): string => `Latchkey serves ${publicUrl}\n`;

/** Prints the address and how to regain access; only the start that generates the secret prints it. */
export async function printBanner({ publicUrl, adminClientSecret }: Settings): Promise<void> {
  const hint =
    "Lost the administrator's secret? Start once with LATCHKEY_ADMIN_CLIENT_SECRET=<a new secret>.\n";
  const text = adminClientSecret === undefined ? address(publicUrl) + hint : address(publicUrl);
  // A closed standard output is no reason not to serve.
  await print(text).catch(() => undefined);
}

/** Prints the address and the generated secret, in the process that generated it. */
export const printNewAdmin =
  (publicUrl: string): Show =>
  ({ id, secret }) =>
    print(
      `${address(publicUrl)}\nThe first administrator was created. Its secret is shown only once:\n\n` +
        `  client id      ${id}\n  client secret  ${secret}\n\n`,
    );

/** The last log line, of a single process and of a cluster alike. */
export const logStopped = (log: Log): void => log.info({}, 'Latchkey has stopped');

function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // The system's error must not be mistaken for one of the database.
    const fail = (cause: Error) => reject(new Error('standard output is not writable', { cause }));
    process.stdout.once('error', fail);
    process.stdout.write(text, (error) => (error ? fail(error) : resolve()));
  });
}
