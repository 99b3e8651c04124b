/** Tells a waiting person on stderr how far the work is: one line that changes on a terminal, few lines elsewhere. */

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;
const FRAME_MS = 100;

interface Progress {
  /** Shows what is happening now, such as "3 of 8 files, 1.2 MiB". */
  update(detail: string): void;
  /** Ends the line. Without a text the line disappears. */
  done(text?: string): void;
}

/**
 * Starts a line of progress.
 *
 * @param label - What is being done, such as "Uploading".
 */
export function progress(label: string, stream: NodeJS.WriteStream = process.stderr): Progress {
  const startedMs = Date.now();
  const seconds = () => `${((Date.now() - startedMs) / 1000).toFixed(1)} s`;
  if (!stream.isTTY) {
    return {
      update: () => {},
      done: (text) => {
        if (text) stream.write(`${text} (${seconds()})\n`);
      },
    };
  }

  let detail = "";
  let frame = 0;
  const draw = () => {
    const line = `${FRAMES[frame++ % FRAMES.length]} ${label}${detail ? `: ${detail}` : ""} (${seconds()})`;
    stream.write(`\r\x1b[2K${line.slice(0, (stream.columns || 80) - 1)}`);
  };
  const timer = setInterval(draw, FRAME_MS);
  timer.unref();
  draw();
  return {
    update: (text) => {
      detail = text;
    },
    done: (text) => {
      clearInterval(timer);
      stream.write(`\r\x1b[2K${text ? `${text} (${seconds()})\n` : ""}`);
    },
  };
}
