/**
 * Smithy RPC v2 with CBOR, which the AWS CLI speaks to CloudWatch: the operation in the path, CBOR each way.
 *
 * @see https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { CborCodec, cbor } from "@smithy/core/cbor";
import { type Codec, queryErrorHeader } from "./codec.ts";

const codec = new CborCodec();
const HEADERS = { "content-type": "application/cbor", "smithy-protocol": "rpc-v2-cbor" };

export const rpcCbor: Codec = {
  async read(operation, request) {
    if (operation.input.isUnitSchema() || request.body.length === 0) return {};
    return codec.createDeserializer().read(operation.input, request.body);
  },
  write(operation, output, requestId) {
    const headers = { ...HEADERS, "x-amzn-requestid": requestId };
    if (operation.output.isUnitSchema()) return { statusCode: 200, headers, body: "" };
    const serializer = codec.createSerializer();
    serializer.write(operation.output, output);
    return { statusCode: 200, headers, body: serializer.flush() as Uint8Array };
  },
  writeError(error, model, requestId, endpoint) {
    return {
      statusCode: error.statusCode,
      headers: { ...HEADERS, "x-amzn-requestid": requestId, ...queryErrorHeader(error, model, endpoint) },
      body: cbor.serialize({ __type: model?.id ?? error.code, [model?.messageMember ?? "message"]: error.message }),
    };
  },
};
