/** The deployed pipes. */
import { Pipe, type PipeOptions, type PipeSettings } from "./pipe.ts";

export class Pipes {
  readonly #options: PipeOptions;
  #pipes: Pipe[] = [];
  #closed = false;

  constructor(options: PipeOptions) {
    this.#options = options;
  }

  /** Takes the pipes as they now are, to be started. The earlier ones end first. */
  async deploy(settings: PipeSettings[]): Promise<void> {
    await this.#closeAll();
    this.#pipes = settings.map((pipe) => new Pipe(pipe, this.#options));
  }

  start(): void {
    if (this.#closed) return;
    for (const pipe of this.#pipes) pipe.start();
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#closeAll();
  }

  async #closeAll(): Promise<void> {
    await Promise.all(this.#pipes.map((pipe) => pipe.close()));
  }
}
