/** Taking personal data out of text that is kept. All patterns are bounded, so that no text makes them slow. */

export const MASK = "***";

/** An `@`, also percent-encoded once or several times over, as logs hold it. */
const EMAIL = /[\p{L}\p{N}._+-]{1,64}(?:@|%(?:25){0,3}40)[\p{L}\p{N}-]{1,63}(?:\.[\p{L}\p{N}-]{1,63}){1,8}/giu;
/** 13 to 19 digits, parted by nothing or by one space, hyphen or plus, also encoded. */
const CARD = /(?<!\d)\d(?:(?:[ +-]|%20)?\d){12,18}(?!\d)/g;

/** Masks e-mail addresses and payment card numbers. A number that fails the cards' check digit stays. */
export function scrubText(text: string): string {
  return text
    .replace(EMAIL, MASK)
    .replace(CARD, (number) => (passesLuhn(number.replace(/%20|\D/g, "")) ? MASK : number));
}

/**
 * Masks every value of a query string, or of the query of a URL, and keeps the names. A fragment goes with the last value;
 * a part without a name is a value.
 */
export function scrubParameters(text: string): string {
  const at = text.indexOf("?");
  const isUrl = at >= 0 || /^[a-z][a-z\d+.-]*:\/\/|^\//i.test(text);
  if (isUrl && at < 0) return text;
  const query = at < 0 ? text : text.slice(at + 1);
  const masked = query.split("&").map((part) => {
    if (part === "") return part;
    const equals = part.indexOf("=");
    return equals < 0 ? MASK : `${part.slice(0, equals)}=${MASK}`;
  });
  return text.slice(0, at + 1) + masked.join("&");
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
