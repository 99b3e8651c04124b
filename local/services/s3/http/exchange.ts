/** One request to S3 and its response. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { document, type XmlFields } from "../../../wire/xml.ts";

export const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  method: string;
  bucket: string;
  key: string;
  query: URLSearchParams;
  /** @param name - In lower case. */
  header(name: string): string | undefined;
}

export function exchangeOf(request: IncomingMessage, response: ServerResponse): Exchange {
  // Not the URL class: it would resolve the dots in a key such as "a/../b".
  const url = request.url ?? "/";
  const mark = url.indexOf("?");
  const path = (mark < 0 ? url : url.slice(0, mark)).slice(1);
  const slash = path.indexOf("/");
  const header = (name: string) => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(",") : value;
  };
  return {
    request,
    response,
    method: request.method ?? "GET",
    bucket: decodeURIComponent(slash < 0 ? path : path.slice(0, slash)),
    key: slash < 0 ? "" : decodeURIComponent(path.slice(slash + 1)),
    query: new URLSearchParams(mark < 0 ? "" : url.slice(mark + 1)),
    header,
  };
}

/** Answers with an XML document. */
export function sendDocument({ response }: Pick<Exchange, "response">, name: string, fields: XmlFields): void {
  sendXml(response, document(name, fields, NAMESPACE));
}

/** Answers without a body. */
export function sendNothing({ response }: Exchange, statusCode = 200): void {
  response.statusCode = statusCode;
  response.end();
}

export function sendXml(response: ServerResponse, xml: string): void {
  response.setHeader("content-type", "application/xml");
  response.setHeader("content-length", Buffer.byteLength(xml));
  response.end(xml);
}
