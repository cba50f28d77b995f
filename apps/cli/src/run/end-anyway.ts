/**
 * Ends this process when it is still there after a while. A call into a client library that never comes back keeps a process alive,
 * and even `process.exit` waits for it: who watches the process would never start another in its place.
 */
export function endAnyway(afterMs: number): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), afterMs).unref();
}
