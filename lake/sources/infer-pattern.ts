/** Patterns for lines that many programs write. */
import { RE2JS } from "re2js";

interface KnownLines {
  /** For people. */
  readonly title: string;
  readonly pattern: string;
}

const QUOTED = String.raw`(?:[^"\\]|\\.)*`;
const ACCESS = String.raw`(?P<client>\S+) (?P<identity>\S+) (?P<user>\S+) \[(?P<time>[^\]]+)\] "(?P<request>${QUOTED})" (?P<status>\d{3}|-) (?P<bytes>\d+|-)`;
const MOMENT = String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`;
const LEVEL = "TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL";

/** In the order in which they are tried. */
const known: readonly KnownLines[] = [
  {
    title: "in the combined log format of Apache and nginx",
    pattern: `${ACCESS} "(?P<referer>${QUOTED})" "(?P<user_agent>${QUOTED})".*`,
  },
  { title: "in the common log format of web servers", pattern: ACCESS },
  {
    title: "time, level and message",
    pattern: String.raw`\[?(?P<time>${MOMENT})\]?:? \[?(?P<level>${LEVEL})\]?:? +(?P<message>.*)`,
  },
  { title: "time and message", pattern: String.raw`\[?(?P<time>${MOMENT})\]?:? (?P<message>.*)` },
];

/** Lines of a sample that are tried. */
const LINES_TRIED = 500;
/** A pattern is proposed when at least this share of the lines match. */
const MOST_LINES = 0.8;

interface PatternProposal extends KnownLines {
  /** Tried lines that match; empty lines are not tried. */
  readonly matchedLines: number;
  readonly triedLines: number;
  readonly isProposed: boolean;
}

/** The first known pattern that most lines match, or else that any line matches; undefined when there is no such pattern. */
export function proposePattern(sample: Uint8Array): PatternProposal | undefined {
  const lines = Buffer.from(sample.buffer, sample.byteOffset, Math.min(sample.length, 1 << 20))
    .toString()
    .split(/\r?\n/)
    .filter((line) => line !== "")
    .slice(0, LINES_TRIED);
  const proposals = known.map((each): PatternProposal => {
    const pattern = RE2JS.compile(each.pattern);
    const matchedLines = lines.filter((line) => pattern.matches(line)).length;
    return {
      ...each,
      matchedLines,
      triedLines: lines.length,
      isProposed: lines.length > 0 && matchedLines >= MOST_LINES * lines.length,
    };
  });
  return proposals.find(({ isProposed }) => isProposed) ?? proposals.find(({ matchedLines }) => matchedLines > 0);
}
