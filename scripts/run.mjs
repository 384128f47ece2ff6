import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

const passedOn = ['SIGINT', 'SIGTERM', 'SIGHUP'];

/** Resolves with the exit code. Output goes to stderr: stdout belongs to the server or to the test results. */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd: root, stdio: ['ignore', 2, 2], ...options });
    let received;
    const pass = (signal) => {
      received = signal;
      child.kill(signal);
    };
    const stopListening = () => {
      for (const signal of passedOn) process.off(signal, pass);
    };
    for (const signal of passedOn) process.on(signal, pass);
    child.once('error', (error) => {
      stopListening();
      reject(new Error(`${command} could not be started: ${error.message}`));
    });
    child.once('close', (code, signal) => {
      stopListening();
      // A caller with its own handlers has received the signal already and is cleaning up.
      if (received && process.listenerCount(received) === 0) process.kill(process.pid, received);
      else resolve(code ?? `signal ${signal}`);
    });
  });
}
