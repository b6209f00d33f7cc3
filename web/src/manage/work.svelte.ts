import { job, Problem, stopJob, type Job } from "../server/api";

const PAUSE = 500;

/** A long piece of work of the server, looked after until it ends. */
export class Work {
  job = $state.raw<Job | null>(null);
  problem = $state("");

  get running(): boolean {
    return this.job?.state === "running";
  }

  async start(begin: () => Promise<Job>): Promise<void> {
    this.problem = "";
    this.job = null;
    try {
      this.job = await begin();
      while (this.running) {
        await new Promise((resolve) => setTimeout(resolve, PAUSE));
        if (this.job) this.job = await job(this.job.id);
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error.message;
    }
  }

  async stop(): Promise<void> {
    if (this.job) await stopJob(this.job.id);
  }
}
