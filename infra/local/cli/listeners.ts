import { createServer, type Server } from 'node:http';
import { StartProblem } from '../shared/problem.ts';

/**
 * Checks that a port is free, before anything slow starts.
 *
 * @throws StartProblem when it is in use
 */
export async function checkPort(port: number): Promise<void> {
  const server = createServer();
  await listen(server, port);
  await close(server);
}

/**
 * Listens on 127.0.0.1.
 *
 * @throws StartProblem when the port cannot be had
 */
export async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason =
        error.code === 'EADDRINUSE' ? 'is in use; choose another with --port' : `cannot be used (${error.message})`;
      reject(new StartProblem(`Port ${port} ${reason}.`));
    });
    server.listen(port, '127.0.0.1', resolve);
  });
  server.keepAliveTimeout = 60_000;
}

/** Stops accepting requests, waits a second for the running ones, and then closes all connections. May be called again. */
export async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  await new Promise<void>((resolve) => {
    const hangUp = setTimeout(() => server.closeAllConnections(), 1000);
    server.close(() => {
      clearTimeout(hangUp);
      resolve();
    });
    server.closeIdleConnections();
  });
}

/** The next port if it is free, else 0 for any free port. */
export async function portBeside(port: number): Promise<number> {
  return await checkPort(port + 1).then(
    () => port + 1,
    () => 0,
  );
}
