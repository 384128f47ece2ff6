import type { Worker } from 'node:cluster';
import type { ProcessActivity } from '../../metrics/process-activity.js';
import type { ActivityMinute } from '../../metrics/recent-activity.js';

/** A worker that takes longer is left out. */
const MAX_ANSWER_MS = 500;
/** Longer than the primary waits for all others. */
const MAX_GATHER_MS = 1000;

/** Of a worker to the primary: what have the others served? The answer has the same number. */
interface Question {
  gatherActivity: number;
}

interface Gathered {
  gatheredActivity: number;
  processes: ActivityMinute[][];
}

/** Of the primary to a worker, which answers with the same number. */
interface Request {
  reportActivity: number;
}

interface Report {
  reportedActivity: number;
  minutes: ActivityMinute[];
}

type Message = Partial<Question & Gathered & Request & Report>;

/** In a worker: reports its activity to the primary, and asks it for that of the others. */
export function shareActivity(activity: ProcessActivity): void {
  const waiting = new Map<number, (processes: ActivityMinute[][]) => void>();
  let questions = 0;
  process.on('message', ({ reportActivity, gatheredActivity, processes }: Message) => {
    if (reportActivity !== undefined)
      toPrimary({ reportedActivity: reportActivity, minutes: activity.own.minutes() });
    if (gatheredActivity !== undefined) waiting.get(gatheredActivity)?.(processes ?? []);
  });
  activity.readOthersBy(() => {
    const question = ++questions;
    return new Promise((resolve) => {
      const settle = (processes: ActivityMinute[][]) => {
        clearTimeout(timer);
        waiting.delete(question);
        resolve(processes);
      };
      const timer = setTimeout(() => settle([]), MAX_GATHER_MS);
      waiting.set(question, settle);
      toPrimary({ gatherActivity: question });
    });
  });
}

function toPrimary(message: Question | Report): void {
  if (process.connected) process.send?.(message);
}

/** In the primary: answers each worker with the activity of the others that serve. */
export class WorkerActivity {
  private requests = 0;

  constructor(private readonly serving: () => Iterable<Worker>) {}

  answer(worker: Worker): void {
    worker.on('message', ({ gatherActivity }: Message) => {
      if (gatherActivity !== undefined) void this.gather(worker, gatherActivity);
    });
  }

  private async gather(worker: Worker, question: number): Promise<void> {
    const others = [...this.serving()].filter((other) => other !== worker);
    const reports = await Promise.all(others.map((other) => this.ask(other)));
    const processes = reports.filter((minutes) => minutes !== undefined);
    if (worker.isConnected()) worker.send({ gatheredActivity: question, processes } satisfies Gathered);
  }

  private ask(worker: Worker): Promise<ActivityMinute[] | undefined> {
    const request = ++this.requests;
    return new Promise((resolve) => {
      const settle = (minutes: ActivityMinute[] | undefined) => {
        clearTimeout(timer);
        worker.off('message', receive);
        resolve(minutes);
      };
      const timer = setTimeout(() => settle(undefined), MAX_ANSWER_MS);
      const receive = ({ reportedActivity, minutes }: Message) => {
        if (reportedActivity === request) settle(minutes);
      };
      worker.on('message', receive);
      if (worker.isConnected()) worker.send({ reportActivity: request } satisfies Request);
    });
  }
}
