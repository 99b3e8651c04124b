/**
 * Guesses which fields a real-time log has, from its values. CloudFront writes the chosen fields in the order of its documentation,
 * so they are a part of the whole list: of all such parts the one is taken in which most values look like their fields.
 */

/** How a value of a field looks, where that says something. Other fields hold any text. */
const LOOKS: Readonly<Record<string, RegExp>> = {
  timestamp: /^\d{9,10}\.\d+$/,
  "c-ip": /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)$/i,
  "s-ip": /^(?:\d{1,3}(?:\.\d{1,3}){3}|[\da-f]*:[\da-f:.]+)$/i,
  "time-to-first-byte": /^\d+\.\d+$/,
  "sc-status": /^[1-5]\d\d$|^000$/,
  "sc-bytes": /^\d+$/,
  "cs-method": /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/,
  "cs-protocol": /^(?:https?|wss?|grpcs?)$/,
  "cs-host": /^[\w.-]+\.[a-z][a-z\d-]+$/i,
  "cs-uri-stem": /^\//,
  "cs-bytes": /^\d+$/,
  "x-edge-location": /^[A-Z]{3}\d+(?:-[A-Z]+\d+)?$/,
  "x-edge-request-id": /^[\w-]+={1,2}$/,
  "x-host-header": /^[\w.-]+\.[a-z][a-z\d-]+$/i,
  "time-taken": /^\d+\.\d+$/,
  "cs-protocol-version": /^HTTP\/\d/,
  "c-ip-version": /^IPv[46]$/,
  "cs-user-agent": /^[A-Za-z][\w .-]*\/\d|^Mozilla/,
  "cs-referer": /^https?:/,
  "cs-cookie": /^[^=]+=.*/,
  "cs-uri-query": /=/,
  "x-edge-response-result-type":
    /^(?:Hit|Miss|RefreshHit|OriginShieldHit|Error|Redirect|LimitExceeded|CapacityExceeded)$/,
  "ssl-protocol": /^(?:TLS|SSL)v[\d.]+$/,
  "ssl-cipher": /^(?:TLS_|ECDHE-|DHE-|AES|RC4|[A-Z\d]+-)[\w-]+$/,
  "x-edge-result-type": /^(?:Hit|Miss|RefreshHit|OriginShieldHit|Error|Redirect|LimitExceeded|CapacityExceeded)$/,
  "fle-encrypted-fields": /^\d{1,3}$/,
  "sc-content-type": /^[a-z]+\/[a-z]/i,
  "sc-content-len": /^\d+$/,
  "sc-range-start": /^\d+$/,
  "sc-range-end": /^\d+$/,
  "c-port": /^\d{2,5}$/,
  "x-edge-detailed-result-type": /^[A-Z][a-z][A-Za-z]+$/,
  "c-country": /^[A-Z]{2}$/,
  "cs-accept-encoding": /^(?:gzip|br|deflate|identity|\*)/,
  "cs-accept": /^(?:\*\/|[a-z]+\/)/,
  "cache-behavior-path-pattern": /\*/,
  "cs-headers": /:.*%0A/i,
  "cs-header-names": /^[^:]*%0A/i,
  "cs-headers-count": /^\d{1,3}$/,
  "primary-distribution-id": /^E[A-Z\d]{10,}$/,
  "primary-distribution-dns-name": /^d[a-z\d]+\.cloudfront\.net$/,
  "origin-fbl": /^\d+\.\d+$/,
  "origin-lbl": /^\d+\.\d+$/,
  asn: /^\d{3,}$/,
};

/** A value that looks like its field; one that does not; a dash; a text in a field of which nothing is known. */
const FITS = 3;
const DIFFERS = -4;
const NOTHING = 0;
const ANY_TEXT = -0.5;
const BROAD = /^\^\\d(?:\+|\{)/;

interface GuessedFields {
  readonly fields: readonly string[];
  /** Those that could as well be others: their values say too little. */
  readonly uncertain: readonly string[];
}

/**
 * @param records - Values of some records, all of the same number.
 * @param known - All fields, in the documentation's order.
 * @returns Undefined when there are more values than fields.
 */
export function guessFields(
  records: readonly (readonly string[])[],
  known: readonly string[],
): GuessedFields | undefined {
  const count = records[0]?.length ?? 0;
  if (count === 0 || count > known.length) return undefined;
  const columns = Array.from({ length: count }, (_, i) => records.map((record) => record[i]!));
  const scores = columns.map((values) => known.map((field) => scoreOf(values, field)));
  // best[i][j]: the score of the first i values in the first j fields.
  const best = Array.from({ length: count + 1 }, () =>
    new Float64Array(known.length + 1).fill(Number.NEGATIVE_INFINITY),
  );
  best[0]!.fill(0);
  for (let i = 1; i <= count; i++)
    for (let j = i; j <= known.length; j++)
      best[i]![j] = Math.max(best[i]![j - 1]!, best[i - 1]![j - 1]! + scores[i - 1]![j - 1]!);
  const places: number[] = [];
  for (let i = count, j = known.length; i > 0; j--) {
    // Of equal ones the later field is left out: those that came first are chosen most.
    if (best[i]![j - 1]! >= best[i]![j]!) continue;
    places.unshift(j - 1);
    i--;
    if (i === 0) break;
  }
  const fields = places.map((place) => known[place]!);
  const uncertain = fields.filter((field, i) => {
    const values = columns[i]!;
    return (
      !(field in LOOKS) ||
      !values.some((value) => LOOKS[field]!.test(value)) ||
      couldBeNeighbour(values, places, i, known)
    );
  });
  return { fields, uncertain };
}

/** Whether a field that was left out between its neighbours would take the values as well. */
function couldBeNeighbour(
  values: readonly string[],
  places: readonly number[],
  i: number,
  known: readonly string[],
): boolean {
  const own = scoreOf(values, known[places[i]!]!);
  const from = i === 0 ? 0 : places[i - 1]! + 1;
  const to = i + 1 < places.length ? places[i + 1]! : known.length;
  return known.slice(from, to).some((field, k) => from + k !== places[i] && scoreOf(values, field) >= own);
}

function scoreOf(values: readonly string[], field: string): number {
  const looks = LOOKS[field];
  let score = 0;
  for (const value of values) {
    if (value === "-") score += NOTHING;
    else if (!looks) score += ANY_TEXT;
    else if (!looks.test(value)) score += DIFFERS;
    // Numbers are in many fields.
    else score += BROAD.test(looks.source) ? FITS - 1 : FITS;
  }
  return score / values.length;
}
