/** The formats that sample logs can be made of. */
import { albSample } from "./alb.ts";
import { clickstreamSample } from "./clickstream.ts";
import { cloudfrontSample } from "./cloudfront.ts";
import type { SampleFile, SampleOptions } from "./sample.ts";

/** Makes the files of one format, by its name; each is described in its own file. */
export const samples: Readonly<Record<string, (options: SampleOptions) => SampleFile[]>> = {
  alb: albSample,
  cloudfront: cloudfrontSample,
  json: clickstreamSample,
};
