/** Ends at the first Ctrl-C or SIGTERM. More of them do nothing: stopping is quick, and a launcher may send it twice. */
export function untilInterrupted(): Promise<void> {
  return new Promise((end) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end());
  });
}
