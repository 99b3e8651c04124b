/** Masks personal data in text that is kept. All patterns are bounded, so that no text makes them slow. */

export const MASK = "***";

/*
 * A text may hold an escape of a character instead: `%40` (also encoded again, `%2540`), `\u0040` or `\x40` (also with its
 * backslash escaped again), `&#64;`. The patterns name the character by its code.
 */
const PERCENT = "%(?:25){0,4}";
const BACKSLASHES = String.raw`\\{1,8}`;

const AT = `(?:[@＠]|${PERCENT}40|${BACKSLASHES}(?:u00|x(?:0{6})?)40|&(?:#0{0,4}64|#x0{0,4}40|commat);)`;
/** Most texts have none of these, and so no `@`. */
const AT_HINT = /[@＠]|40|64|commat/i;

/** The place before a digit of `%HH`, which is not a character of its own. */
const IN_ESCAPE = String.raw`(?:(?<=${PERCENT})[\dA-F]{2}|(?<=${PERCENT}[\dA-F])[\dA-F])`;
/** A character before the `@`: those of RFC 5322 that do not separate the parameters of a URL or the members of JSON. */
const LOCAL = String.raw`(?:${PERCENT}(?:2[147ABDE]|3\d|4[1-9A-F]|5[\dAEF]|6[\dA-F]|7[\dAE]|[89A-F][\dA-F])|${BACKSLASHES}u[\dA-F]{4}|(?!${IN_ESCAPE})[\p{L}\p{N}\p{M}.!$'*+^_\x60|~-])`;
const LABEL = String.raw`(?:[\p{L}\p{N}\p{M}_-]|${PERCENT}(?:2D|3\d|4[1-9A-F]|5[\dAF]|6[1-9A-F]|7[\dA]|[89A-F][\dA-F])){1,63}`;
const DOT = `(?:[.。]|${PERCENT}2E|${BACKSLASHES}(?:u00|x(?:0{6})?)2E|&#0{0,4}46;)`;

/** Finds the `@` first and then the name before it, so that text without an `@` is skipped quickly. */
const EMAIL = new RegExp(
  String.raw`${AT}(?<=("[^"\n]{1,64}"|${LOCAL}{1,64})${AT})(?:${LABEL}(?:${DOT}${LABEL}){1,8}|\[[\dA-F.:]{3,45}\])`,
  "giu",
);

/** Separators between the groups of a card number. */
const SEPARATOR = String.raw`(?:[ .+_\u00a0\u2010-\u2015-]|${PERCENT}(?:20|2B|2D|2E)|${BACKSLASHES}(?:u00|x(?:0{6})?)20)`;
const DIGIT = String.raw`(?:\d|${PERCENT}3\d|${BACKSLASHES}(?:u00|x(?:0{6})?)3\d)`;
/** Other escapes are skipped: their digits do not belong to the number that follows. */
const ESCAPE = String.raw`${PERCENT}[\dA-F]{2}|${BACKSLASHES}(?:u[\dA-F]{4}|x(?:0{6})?[\dA-F]{2})`;
const MANY_DIGITS = new RegExp(`(${DIGIT}(?:${SEPARATOR}?${DIGIT}){12,})|${ESCAPE}`, "giu");
const DIGIT_GROUP = new RegExp(`(${DIGIT}+)(${SEPARATOR}?)`, "giu");
/** The escape around a digit. */
const AROUND_DIGIT = new RegExp(String.raw`${PERCENT}3(?=\d)|${BACKSLASHES}(?:u00|x(?:0{6})?)3(?=\d)`, "giu");

const CARD_DIGITS = { fewest: 13, most: 19 };
/** Payment cards begin with 2 to 6 or 8; those of airlines with 1 and have 15 digits. Times since 1970 are neither. */
const CARD_ISSUER = /^(?:[2-68]|1\d{14}$)/;

/** Masks e-mail addresses and payment card numbers. A number that fails the cards' check digit stays. */
export function scrubText(text: string): string {
  const scrubbed = text.replace(MANY_DIGITS, (found, run?: string) => (run === undefined ? found : scrubCards(run)));
  return AT_HINT.test(scrubbed) ? scrubEmails(scrubbed) : scrubbed;
}

function scrubEmails(text: string): string {
  let scrubbed = "";
  let end = 0;
  for (const match of text.matchAll(EMAIL)) {
    const start = Math.max(end, match.index - match[1]!.length);
    scrubbed += text.slice(end, start) + MASK;
    end = match.index + match[0].length;
  }
  return scrubbed + text.slice(end);
}

/** Masks card numbers among groups of digits. A card number begins and ends with a group; other groups may be beside it. */
function scrubCards(run: string): string {
  const groups = [...run.matchAll(DIGIT_GROUP)].map(([, text, separator]) => ({
    text: text!,
    digits: text!.replace(AROUND_DIGIT, ""),
    separator: separator!,
  }));
  let scrubbed = "";
  for (let first = 0; first < groups.length; ) {
    const length = cardLength(groups, first);
    const last = groups[first + Math.max(1, length) - 1]!;
    scrubbed += (length > 0 ? MASK : last.text) + last.separator;
    first += Math.max(1, length);
  }
  return scrubbed;
}

/** The number of groups from `first` on that are a card number: the largest such number, 0 when there is no card number. */
function cardLength(groups: readonly { digits: string }[], first: number): number {
  let digits = "";
  let length = 0;
  for (let i = first; i < groups.length; i++) {
    digits += groups[i]!.digits;
    if (digits.length > CARD_DIGITS.most) break;
    if (digits.length >= CARD_DIGITS.fewest && CARD_ISSUER.test(digits) && passesLuhn(digits)) length = i - first + 1;
  }
  return length;
}

const PROTOCOL = / HTTP\/\d(?:\.\d)?$/;
/** A URL, a path, or a request line with one; any other text without a `?` is a query string. */
const IS_URL = /^(?:[A-Z]+ )?(?:[a-z][a-z\d+.-]*:)?\//i;
/** The user in `//user:password@host`. */
const USER_INFO = /^((?:[A-Z]+ )?(?:[a-z][a-z\d+.-]*:)?\/\/)[^/?#\s]*@/i;
/** Parameters of a path's segment, RFC 3986 3.3. */
const PATH_PARAMETER = /(;[^;=/]*=)[^;/]*/g;

/**
 * Masks every value of a query string, or of the query of a URL or a request line, and keeps the names and the path. The
 * fragment is masked, too, and so is a user before the host. A parameter without a name is masked as a value.
 */
export function scrubParameters(text: string): string {
  const protocol = PROTOCOL.exec(text)?.[0] ?? "";
  const url = text.slice(0, text.length - protocol.length);
  const at = url.search(/[?#]/);
  if (!IS_URL.test(url) && (at < 0 || /[=&]/.test(url.slice(0, at)))) return scrubQuery(text);
  const path = (at < 0 ? url : url.slice(0, at)).replace(USER_INFO, `$1${MASK}@`).replace(PATH_PARAMETER, `$1${MASK}`);
  if (at < 0) return path + protocol;
  return `${path}${url[at]}${url[at] === "#" ? MASK : scrubQuery(url.slice(at + 1))}${protocol}`;
}

/** The same for a text that is a query, whatever it looks like. */
export function scrubQuery(query: string): string {
  const masked = query.split("&").map((part) => {
    if (part === "") return part;
    const equals = part.indexOf("=");
    return equals < 0 ? MASK : `${scrubText(part.slice(0, equals))}=${MASK}`;
  });
  return masked.join("&");
}

/** The check digit of payment cards, ISO/IEC 7812-1. */
function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += i % 2 === 1 ? doubled : digit;
  }
  return sum % 10 === 0;
}
