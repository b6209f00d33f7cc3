import { job, jobs, Problem, stopJob, type Job } from "../api/api";

const PAUSE = 500;

/** A long piece of work of the server, looked after until it ends or the page is left. */
export class Work {
  job = $state.raw<Job | null>(null);
  problem = $state("");
  #turn = 0;

  get running(): boolean {
    return this.job?.state === "running";
  }

  get done(): boolean {
    return this.job?.state === "done";
  }

  start(begin: () => Promise<Job>): Promise<void> {
    this.problem = "";
    this.job = null;
    return this.#follow(begin);
  }

  /** Looks after what runs already, whoever started it, and tells how the last one failed. */
  resume(kind: Job["kind"]): Promise<void> {
    return this.#follow(async () => {
      const last = (await jobs()).find((each) => each.kind === kind);
      return last?.state === "running" || last?.state === "failed" ? last : null;
    });
  }

  async stop(): Promise<void> {
    if (this.job) await stopJob(this.job.id);
  }

  leave(): void {
    this.#turn += 1;
  }

  async #follow(ask: () => Promise<Job | null>): Promise<void> {
    const turn = ++this.#turn;
    try {
      let told = await ask();
      while (turn === this.#turn) {
        this.job = told;
        if (!this.running) break;
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        if (told && turn === this.#turn) told = await job(told.id);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (turn !== this.#turn) return;
      this.problem = error.message;
    }
  }
}
