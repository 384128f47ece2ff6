import { type ActivityMinute, RecentActivity } from './recent-activity.js';

/** Resolves to the minutes of each other process of this server that answered. */
export type ReadOthers = () => Promise<readonly ActivityMinute[][]>;

/** The recent activity of this process, and of the others of the same server where there are any. */
export class ProcessActivity {
  readonly own = new RecentActivity();
  private readOthers: ReadOthers = async () => [];

  /** Set by a worker, which asks its primary process. */
  readOthersBy(read: ReadOthers): void {
    this.readOthers = read;
  }

  /** One list for each process. */
  async ofAll(): Promise<readonly ActivityMinute[][]> {
    return [this.own.minutes(), ...(await this.readOthers())];
  }
}
