/**
 * AWS JSON 1.0 and 1.1: the operation in `X-Amz-Target`, a JSON document each way.
 *
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
import { JsonCodec2 } from "@smithy/core/protocols";
import { type Codec, queryErrorHeader } from "./codec.ts";

/** Smithy's number for "seconds since the epoch", the timestamp format that AWS JSON uses unless a member says otherwise. */
export const EPOCH_SECONDS = 7;

const json = new JsonCodec2({ timestampFormat: { useTrait: true, default: EPOCH_SECONDS }, jsonName: false });

export function awsJson(version: "1.0" | "1.1"): Codec {
  const contentType = `application/x-amz-json-${version}`;
  return {
    async read(operation, request) {
      if (operation.input.isUnitSchema()) return {};
      return json.createDeserializer().read(operation.input, request.body.toString("utf8") || "{}");
    },
    write(operation, output, requestId) {
      const headers = { "content-type": contentType, "x-amzn-requestid": requestId };
      if (operation.output.isUnitSchema()) return { statusCode: 200, headers, body: "" };
      const serializer = json.createSerializer();
      serializer.write(operation.output, output);
      return { statusCode: 200, headers, body: serializer.flush() as Uint8Array };
    },
    writeError(error, model, requestId, endpoint) {
      return {
        statusCode: error.statusCode,
        headers: {
          "content-type": contentType,
          "x-amzn-requestid": requestId,
          ...queryErrorHeader(error, model, endpoint),
        },
        body: JSON.stringify({ __type: model?.id ?? error.code, [model?.messageMember ?? "message"]: error.message }),
      };
    },
  };
}
