export interface DatabaseServer {
  url: string;
  pid: number;
  socket: string;
  stop(): Promise<void>;
}

/** The program that serves, where there is one. */
export function findServer(): string | undefined;
export function startServer(
  server: string,
  interrupted: AbortSignal,
  parent?: string,
  more?: readonly string[],
): Promise<DatabaseServer>;
export function ping(url: string): Promise<void>;
