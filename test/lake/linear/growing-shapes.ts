/** Texts that can be made as long as one likes, each of a shape that could make a reader look at the same bytes again and again. */

const times = (text: string, bytes: number) => text.repeat(Math.ceil(bytes / text.length)).slice(0, bytes);

const ALB_START =
  'http 2026-01-17T10:00:00.123456Z app/my/50dc6c495c0c9188 192.0.2.1:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 "';
const S3_START =
  'owner bucket [06/Feb/2026:00:00:38 +0000] 192.0.2.3 requester 3E57427F3EXAMPLE REST.GET.VERSIONING key "';
const RECORD = '{"time":"2026-01-17T10:00:00Z","id":1}';

/** A text of about a number of bytes, by name. */
export const growingShapes: Readonly<Record<string, (bytes: number) => string>> = {
  // Lines.
  "blank lines": (n) => times("\n", n),
  "blank lines that end in CR LF": (n) => times("\r\n", n),
  "carriage returns": (n) => times("\r", n),
  "lines of one blank": (n) => times(" \n", n),
  "lines of one tab": (n) => times("\t\n", n),
  "lines of one letter": (n) => times("x\n", n),
  "lines of one digit": (n) => times("1\n", n),
  remarks: (n) => times("#\n", n),
  "remarks between blank lines": (n) => times("# a\n\n", n),
  "headers of CloudFront": (n) => times("#Fields: date time c-ip\n", n),
  "bare headers of CloudFront": (n) => times("date time c-ip sc-status\n", n),
  "one header of CloudFront": (n) => `#Fields: date time ${times("x-a ", n)}\n`,
  "lines that begin as records": (n) => times("2026-01-17\t10:00:00\tFRA2\n", n),
  "blank lines, then a continuation": (n) => `A\n${times("\n", n)}  x\n`,
  continuations: (n) => `A\n${times("  x\n", n)}`,
  "continuations and blank lines": (n) => `A\n${times("  x\n\n", n)}`,
  // One line.
  "one line of letters": (n) => times("x", n),
  "one line of digits": (n) => times("1", n),
  "one line of blanks": (n) => `${times(" ", n)}x`,
  "one line of tabs": (n) => times("\t", n),
  "one line of commas": (n) => times(",", n),
  "one line of delimiters of every kind": (n) => times(",;|\t", n),
  "one line of colons": (n) => times("a:", n),
  "one line of quotes": (n) => times('"', n),
  "one line of quotes and blanks": (n) => times('" ', n),
  "one line of words in quotes": (n) => times('"a" ', n),
  "one line of backslashes": (n) => times("\\", n),
  "one line of escaped quotes": (n) => `"${times('\\" ', n)}`,
  "one line of percents": (n) => times("%", n),
  "one line of escapes that are no UTF-8": (n) => times("%ff", n),
  NULs: (n) => times("\0", n),
  "bytes that are no UTF-8": (n) => times("\xff", n),
  "byte order marks": (n) => times("\ufeff", n),
  // Records with a long field.
  "a load balancer's record of escaped quotes": (n) => `${ALB_START}${times('\\" ', n)}" "ua" - - arn "Root=1"\n`,
  "a load balancer's record of blanks": (n) => `${ALB_START}GET / HTTP/1.1" "ua" ${times(" ", n)}- arn "Root=1"\n`,
  "load balancer's records that end in a backslash": (n) =>
    times(`${ALB_START}GET / HTTP/1.1" "ua\\" - - arn "Root"\n`, n),
  "a load balancer's request of colons": (n) =>
    `${ALB_START}GET http://${times("a@", n)} HTTP/1.1" "ua" - - arn "Root"\n`,
  "an S3 record of quotes": (n) => `${S3_START}${times('" "', n)}" 200 - 1 2 3 4 "-" "-" -\n`,
  "an S3 record of status codes": (n) => `${S3_START}${times('" 200 - 1 2 3 4 5 ', n)}\n`,
  "a key of brackets": (n) => `owner bucket [${times("[", n)}`,
  "an address of colons": (n) =>
    `http 2026-01-17T10:00:00Z app/a/b ${times(":", n)} - 0 0 0 200 200 1 1 "-" "-" - - a "R"\n`,
  // JSON.
  "records on one line": (n) => times(RECORD, n),
  "records on lines": (n) => times(`${RECORD}\n`, n),
  "an array that is never closed": (n) => `[${times(`${RECORD},`, n)}`,
  "keys without values": (n) => `{${times('"a":', n)}`,
  "CloudFront's keys": (n) => `{${times('"x-edge-a":"b",', n)}`,
  "CSV of open quotes": (n) => `a,b\n${times('1,"x\n', n)}`,
  "CSV of odd quotes": (n) => `a,b\n${times('"x"y,\n', n)}`,
  "CSV with remarks before its header": (n) => `${times("# a remark\n", n)}id,time\n1,2026-01-17T10:00:00Z\n`,
  "lines of a web server": (n) =>
    times('192.0.2.1 - - [17/May/2026:10:05:03 +0000] "GET / HTTP/1.1" 200 12 "-" "\\\\\\\\"\n', n),
  "one line of a web server": (n) => `192.0.2.1 - - [17/May/2026:10:05:03 +0000] "${times("\\\\", n)}`,
};
