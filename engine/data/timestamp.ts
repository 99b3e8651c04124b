/**
 * Reads an RFC 3339 timestamp as Step Functions takes it: a `T`, and `Z` or an offset.
 * @returns Milliseconds since the epoch, or undefined.
 */
export function parseTimestamp(text: string): number | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/.exec(text);
  if (!match) return undefined;
  const [, year, month, day, hour, minute] = match.map(Number);
  if (month! < 1 || month! > 12 || day! < 1 || hour! > 23 || minute! > 59 || Number(match[6] ?? 0) > 59)
    return undefined;
  if (day! > new Date(Date.UTC(year!, month!, 0)).getUTCDate()) return undefined;
  const ms = Date.parse(match[6] === undefined ? text.replace(match[8]!, `:00${match[8]}`) : text);
  return Number.isNaN(ms) ? undefined : ms;
}
