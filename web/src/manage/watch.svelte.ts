import { jobs, Problem, stopJob, type Job } from "../api/api";

const PAUSE = 500;
const IDLE = 1500;

/** What the server does of one kind, whoever begins it, watched for as long as the page is open. */
export class Watch {
  job = $state.raw<Job | null>(null);
  problem = $state("");
  /** Whether this visitor may begin and stop it. */
  allowed = $state(true);
  readonly #kind: Job["kind"];
  readonly #ondone: () => void;
  /** What had ended before anybody looked. */
  #old = "";
  #left = false;

  constructor(kind: Job["kind"], ondone: () => void) {
    this.#kind = kind;
    this.#ondone = ondone;
  }

  get running(): boolean {
    return this.job?.state === "running";
  }

  async begin(ask: () => Promise<Job>): Promise<void> {
    this.problem = "";
    try {
      this.#take(await ask());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error.message;
    }
  }

  async stop(): Promise<void> {
    if (this.job) await stopJob(this.job.id);
  }

  async watch(): Promise<void> {
    for (let first = true; !this.#left && this.allowed; first = false) {
      try {
        const before = this.job;
        const last = (await jobs()).find((each) => each.kind === this.#kind);
        if (first && last && last.state !== "running" && last.state !== "failed") this.#old = last.id;
        // An answer from before a job was begun here knows nothing of that.
        if (last && !this.#left && this.job === before) this.#take(last);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        // A server that does not answer now may answer the next time.
        this.allowed = !error.wantsKey;
      }
      await new Promise((resolve) => setTimeout(resolve, this.running ? PAUSE : IDLE));
    }
  }

  leave(): void {
    this.#left = true;
  }

  #take(told: Job): void {
    if (told.id === this.#old) return;
    const ended = told.state === "done" && (this.job?.id !== told.id || this.running);
    this.job = told;
    if (this.running) this.problem = "";
    if (ended) this.#ondone();
  }
}
