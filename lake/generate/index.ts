/** The formats that sample logs can be made of. */
import type { SourceConfig } from "../config.ts";
import { albSample } from "./alb.ts";
import { cloudfrontSample } from "./cloudfront.ts";
import type { SampleFile, SampleOptions } from "./sample.ts";

/** Makes the files of one format; what each does is said in its own file. */
export const samples: Record<SourceConfig["format"], (options: SampleOptions) => SampleFile[]> = {
  alb: albSample,
  cloudfront: cloudfrontSample,
};
