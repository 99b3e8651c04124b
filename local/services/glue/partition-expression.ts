/**
 * The filter language of GetPartitions: comparisons, BETWEEN, IN, LIKE and IS NULL on partition keys, joined by AND, OR
 * and NOT. Keys are compared by their declared type: text, number or date.
 *
 * @see https://docs.aws.amazon.com/glue/latest/webapi/API_GetPartitions.html
 */
import type { Column } from "@aws-sdk/client-glue";
import { ServiceError } from "../../service-error.ts";

/** Tells whether a partition with these values, in key order, passes. */
type PartitionFilter = (values: readonly string[]) => boolean;

type Comparable = string | number;
const NUMERIC_TYPES = /^(tinyint|smallint|int|integer|bigint|long|decimal|numeric)/;
const TOKEN =
  /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|("[^"]+"|`[^`]+`|[A-Za-z_][\w.]*)|(<=|>=|<>|!=|=|<|>|\(|\)|,))/y;

interface Token {
  kind: "text" | "number" | "word" | "sign" | "end";
  text: string;
}

/**
 * Compiles an expression. An empty one passes everything.
 *
 * @throws {ServiceError} InvalidInputException, with what was not understood.
 */
export function partitionFilter(expression: string | undefined, keys: readonly Column[]): PartitionFilter {
  if (!expression?.trim()) return () => true;
  const parser = new Parser(tokens(expression), keys);
  const filter = parser.either();
  parser.expectEnd();
  return filter;
}

function tokens(expression: string): Token[] {
  const found: Token[] = [];
  const source = expression.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(source);
    if (!match) throw unsupported(`cannot read "${source.slice(at, at + 20)}"`);
    const [, text, number, word, sign] = match;
    if (text !== undefined) found.push({ kind: "text", text: text.replaceAll("''", "'") });
    else if (number !== undefined) found.push({ kind: "number", text: number });
    else if (word !== undefined) found.push({ kind: "word", text: word.replace(/^["`]|["`]$/g, "") });
    else found.push({ kind: "sign", text: sign! });
  }
  return found;
}

class Parser {
  readonly #tokens: Token[];
  readonly #keys: readonly Column[];
  #at = 0;

  constructor(list: Token[], keys: readonly Column[]) {
    this.#tokens = list;
    this.#keys = keys;
  }

  either(): PartitionFilter {
    let left = this.#both();
    while (this.#word("or")) {
      const [first, second] = [left, this.#both()];
      left = (values) => first(values) || second(values);
    }
    return left;
  }

  #both(): PartitionFilter {
    let left = this.#single();
    while (this.#word("and")) {
      const [first, second] = [left, this.#single()];
      left = (values) => first(values) && second(values);
    }
    return left;
  }

  #single(): PartitionFilter {
    if (this.#word("not")) {
      const inner = this.#single();
      return (values) => !inner(values);
    }
    if (this.#sign("(")) {
      const inner = this.either();
      this.#expectSign(")");
      return inner;
    }
    return this.#comparison();
  }

  #comparison(): PartitionFilter {
    const index = this.#key();
    const value = (values: readonly string[]) => this.#typed(index, values[index]!);
    const negated = this.#word("not");
    if (this.#word("between")) {
      const low = this.#literal(index);
      if (!this.#word("and")) throw unsupported("BETWEEN without AND");
      const high = this.#literal(index);
      return (values) => (value(values) >= low && value(values) <= high) !== negated;
    }
    if (this.#word("in")) {
      this.#expectSign("(");
      const options = [this.#literal(index)];
      while (this.#sign(",")) options.push(this.#literal(index));
      this.#expectSign(")");
      return (values) => options.includes(value(values)) !== negated;
    }
    if (this.#word("like")) {
      const pattern = likePattern(String(this.#literal(index)));
      return (values) => pattern.test(values[index]!) !== negated;
    }
    if (negated) throw unsupported("NOT before a comparison sign");
    if (this.#word("is")) {
      const not = this.#word("not");
      if (!this.#word("null")) throw unsupported("IS without NULL");
      return (values) => (values[index] === "__HIVE_DEFAULT_PARTITION__") !== not;
    }
    const sign = this.#next();
    const right = this.#literal(index);
    switch (sign.text) {
      case "=":
        return (values) => value(values) === right;
      case "!=":
      case "<>":
        return (values) => value(values) !== right;
      case "<":
        return (values) => value(values) < right;
      case "<=":
        return (values) => value(values) <= right;
      case ">":
        return (values) => value(values) > right;
      case ">=":
        return (values) => value(values) >= right;
      default:
        throw unsupported(`"${sign.text}" where a comparison was expected`);
    }
  }

  expectEnd(): void {
    if (this.#peek().kind !== "end") throw unsupported(`"${this.#peek().text}" after the end of the expression`);
  }

  #key(): number {
    const token = this.#next();
    const index = this.#keys.findIndex((key) => key.Name === token.text.toLowerCase());
    if (token.kind !== "word" || index < 0) throw unsupported(`"${token.text}" is not a partition key`);
    return index;
  }

  #literal(index: number): Comparable {
    let token = this.#next();
    // date '2026-01-17' and timestamp '…' are written with a type in front.
    if (token.kind === "word" && this.#peek().kind === "text") token = this.#next();
    if (token.kind !== "text" && token.kind !== "number") throw unsupported(`"${token.text}" is not a value`);
    return this.#typed(index, token.text);
  }

  #typed(index: number, text: string): Comparable {
    return NUMERIC_TYPES.test(this.#keys[index]!.Type ?? "string") ? Number(text) : text;
  }

  #peek(): Token {
    return this.#tokens[this.#at] ?? { kind: "end", text: "the end" };
  }

  #next(): Token {
    const token = this.#peek();
    this.#at++;
    return token;
  }

  #word(word: string): boolean {
    const token = this.#peek();
    if (token.kind !== "word" || token.text.toLowerCase() !== word) return false;
    this.#at++;
    return true;
  }

  #sign(sign: string): boolean {
    const token = this.#peek();
    if (token.kind !== "sign" || token.text !== sign) return false;
    this.#at++;
    return true;
  }

  #expectSign(sign: string): void {
    if (!this.#sign(sign)) throw unsupported(`"${this.#peek().text}" where "${sign}" was expected`);
  }
}

function likePattern(like: string): RegExp {
  const escaped = like.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`^${escaped.replaceAll("%", ".*").replaceAll("_", ".")}$`, "s");
}

function unsupported(what: string): ServiceError {
  return new ServiceError("InvalidInputException", `Unsupported expression: ${what}`);
}
