/** How long an execution took, for people. */
export function duration(startedAt: string, stoppedAt: string | null): string {
  if (stoppedAt === null) return "running";
  return `${((Date.parse(stoppedAt) - Date.parse(startedAt)) / 1000).toFixed(1)} s`;
}
