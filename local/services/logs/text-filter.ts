/**
 * Filter patterns on the text of a log line: terms that must all be there, `-term` that must not, `"with spaces"`.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { ServiceError } from "../../service-error.ts";

/** @throws {ServiceError} `InvalidParameterException` for a pattern on JSON fields, which is not supported here. */
export function textFilter(pattern: string): (message: string) => boolean {
  if (/^\s*[{[]/.test(pattern)) {
    throw new ServiceError("InvalidParameterException", `The embedded cloud has no JSON filter patterns: ${pattern}`);
  }
  const terms = [...pattern.matchAll(/(-?)(?:"([^"]*)"|(\S+))/g)].map(([, minus, quoted, bare]) => ({
    text: quoted ?? bare!,
    wanted: minus === "",
  }));
  return (message) => terms.every(({ text, wanted }) => message.includes(text) === wanted);
}
