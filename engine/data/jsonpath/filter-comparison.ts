/** The comparisons of path filters, such as `?(@.price < 10)`. */
import { deepEqual, type Json } from "../../values/json.ts";

/** @param left - Undefined where the operand's path leads nowhere; so is `right`. */
export function compare(operator: string, left: Json | undefined, right: Json | undefined): boolean {
  switch (operator) {
    case "==":
      return left === undefined || right === undefined ? left === right : deepEqual(left, right);
    case "!=":
      return left === undefined || right === undefined ? left !== right : !deepEqual(left, right);
    case "in":
      return left !== undefined && Array.isArray(right) && right.some((item) => deepEqual(item, left));
    case "nin":
      return left !== undefined && Array.isArray(right) && !right.some((item) => deepEqual(item, left));
    case "contains":
      return typeof left === "string"
        ? typeof right === "string" && left.includes(right)
        : Array.isArray(left) && right !== undefined && left.some((item) => deepEqual(item, right));
    case "subsetof":
      return Array.isArray(left) && Array.isArray(right) && left.every((l) => right.some((r) => deepEqual(l, r)));
    case "size":
      return (Array.isArray(left) || typeof left === "string") && left.length === right;
    case "empty":
      return (Array.isArray(left) || typeof left === "string") && (left.length === 0) === right;
    default:
      return inOrder(operator, left, right);
  }
}

/** Numbers compare with numbers and text with text. Nothing else is in any order. */
function inOrder(operator: string, left: Json | undefined, right: Json | undefined): boolean {
  const comparable =
    (typeof left === "number" && typeof right === "number") || (typeof left === "string" && typeof right === "string");
  if (!comparable) return false;
  if (operator === "<") return left < right;
  if (operator === "<=") return left <= right;
  if (operator === ">") return left > right;
  return left >= right;
}
