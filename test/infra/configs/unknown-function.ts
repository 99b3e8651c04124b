/** Sets copies aside for a function that does not exist. */
import shipped from "../../../sluice.config.ts";

export default { ...shipped, concurrency: { reserved: { parser: 5 } } };
