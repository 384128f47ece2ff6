import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from './run.mjs';

const LIMIT_MS = 40 * 60_000;

/** A detached process leads its own group, so that one signal kills everything its tests left running. */
function killGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    // The group has ended already.
  }
}

function runToEnd(args, env, interrupted) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
      detached: true,
    });
    const end = () => killGroup(child.pid, 'SIGKILL');
    const limit = setTimeout(() => {
      console.error(`The run did not end within ${LIMIT_MS / 60_000} minutes and was stopped.`);
      end();
    }, LIMIT_MS);
    interrupted.addEventListener('abort', end, { once: true });
    child.once('error', reject);
    child.once('exit', (code) => {
      clearTimeout(limit);
      interrupted.removeEventListener('abort', end);
      end();
      resolve(code);
    });
  });
}

/** A file that breaks outside its tests (an import, a hook) has failed although it counts no failed test. */
function totals(report) {
  const broken = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/** `file > title: first line of the message`, one for each failed test and each file that broke outside its tests. */
function failures(report) {
  return report.testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const file = relative(root, name);
    if (failed.length === 0) return status === 'failed' ? [`${file}: ${firstLine(message)}`] : [];
    return failed.map((test) => `${file} > ${test.fullName}: ${firstLine(test.failureMessages[0])}`);
  });
}

const failedFilesOf = ({ testResults }) => testResults.filter(({ status }) => status === 'failed');

const passedIn = (files) =>
  files.flatMap((file) => file.assertionResults).filter(({ status }) => status === 'passed').length;

const firstLine = (text = '') => text.split('\n', 1)[0];

export async function runVitest(name, { project, env, filters, interrupted }) {
  if (interrupted.aborted) return { name, passed: 0, failed: 1, skipped: 0 };
  console.log(`\n── ${name} ──`);
  const scratch = mkdtempSync(join(tmpdir(), 'latchkey-vitest-'));
  const file = join(scratch, 'report.json');
  const startMs = performance.now();
  try {
    const args = [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      ...[
        'run',
        '--project',
        project,
        ...(project === 'timing' ? ['--no-file-parallelism'] : []),
        '--reporter=default',
        '--reporter=json',
        `--outputFile.json=${file}`,
      ],
      ...(filters.length > 0 ? ['--passWithNoTests', ...filters] : []),
    ];
    // A killed test cannot clean up: its temporary directory is removed with the scratch directory.
    const code = await runToEnd(args, { ...env, TMPDIR: scratch }, interrupted);
    if (!existsSync(file)) {
      const nothingMatched = code === 0 && filters.length > 0;
      return { name, passed: 0, failed: nothingMatched ? 0 : 1, skipped: 0 };
    }
    const report = JSON.parse(readFileSync(file, 'utf8'));
    const counted = totals(report);
    if (code !== 0 && counted.failed === 0) counted.failed = 1;
    const seconds = Math.round((performance.now() - startMs) / 1000);
    const failedFiles = failedFilesOf(report);
    return {
      name,
      ...counted,
      passedElsewhere: counted.passed - passedIn(failedFiles),
      failedFiles: failedFiles.map((one) => relative(root, one.name)),
      failures: failures(report),
      seconds,
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  }
}
