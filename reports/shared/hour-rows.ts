/** Rows of the queries that count by the hour of the day. */
import { integerOf, type ResultRow, ResultShapeError, textOf } from "../query/result-csv.ts";
import type { StatusClasses } from "./status-class.ts";

/** The hour that a row is about, counted from the day's first instant. @throws {ResultShapeError} */
export function hourOf<Hour>(hours: readonly Hour[], row: ResultRow): Hour {
  const hour = hours[Number(integerOf(row, "hour"))];
  if (!hour)
    throw new ResultShapeError(`Hour ${textOf(row, "hour")} is not one of the ${hours.length} hours of the day`);
  return hour;
}

export function hourClasses(row: ResultRow): StatusClasses {
  const success = integerOf(row, "status_2xx");
  const redirect = integerOf(row, "status_3xx");
  const clientError = integerOf(row, "status_4xx");
  const serverError = integerOf(row, "status_5xx");
  const other = integerOf(row, "requests") - success - redirect - clientError - serverError;
  return { success, redirect, clientError, serverError, other };
}
