/** The font files of the PDF, whole TTFs: react-pdf cannot subset web fonts, and PDF's built-in fonts have no Greek or Cyrillic. */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

export const fonts = [
  { weight: 400, file: require.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf") },
  { weight: 600, file: require.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf") },
] as const;
