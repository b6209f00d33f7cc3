import { OFFLINE, Problem } from "../api/http";
import { jobs, stopJob, type Job } from "../api/jobs";

const RUNNING_PAUSE_MS = 500;
const IDLE_PAUSE_MS = 1500;
// Before this share is done, the time remaining is a guess.
const SURE_ENOUGH = 0.02;

/** Follows the server's jobs of one kind, whoever starts them, until the page is left. */
export class JobWatch {
  job = $state.raw<Job | null>(null);
  problem = $state("");
  /** Whether this visitor may start and stop jobs. */
  allowed = $state(true);
  /** The server does not answer at the moment. */
  waiting = $state(false);
  /** Seconds until the job is done, estimated from its progress. */
  remaining = $state<number | null>(null);
  readonly #kind: Job["kind"];
  readonly #ondone: (job: Job) => void;
  /** A job that had ended before this page was opened is not news. */
  #old = "";
  #left = false;
  #began: { step: string; done: number; at: number } | null = null;

  constructor(kind: Job["kind"], ondone: (job: Job) => void) {
    this.#kind = kind;
    this.#ondone = ondone;
    void this.#poll();
  }

  get running(): boolean {
    return this.job?.state === "running";
  }

  async start(request: () => Promise<Job>): Promise<void> {
    this.problem = "";
    try {
      this.#take(await request());
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error.message;
    }
  }

  async stop(): Promise<void> {
    if (!this.job) return;
    try {
      this.#take(await stopJob(this.job.id));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.problem = error.message;
    }
  }

  leave(): void {
    this.#left = true;
  }

  async #poll(): Promise<void> {
    for (let first = true; !this.#left && this.allowed; ) {
      try {
        const before = this.job;
        const last = (await jobs()).find((each) => each.kind === this.#kind);
        this.waiting = false;
        if (first && last && last.state !== "running" && last.state !== "failed") this.#old = last.id;
        first = false;
        // An answer from before a job was started here does not know it.
        if (last && !this.#left && this.job === before) this.#take(last);
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
        this.allowed = !error.wantsKey;
        this.waiting = error.status === OFFLINE;
      }
      await new Promise((resolve) => setTimeout(resolve, this.running ? RUNNING_PAUSE_MS : IDLE_PAUSE_MS));
    }
  }

  #take(job: Job): void {
    if (job.id === this.#old) return;
    const ended = job.state === "done" && (this.job?.id !== job.id || this.running);
    this.job = job;
    if (this.running) this.problem = "";
    this.#estimate(job);
    if (ended) this.#ondone(job);
  }

  #estimate({ step = "", done, total }: Job): void {
    if (!this.#began || this.#began.step !== step || done < this.#began.done) {
      this.#began = { step, done, at: performance.now() };
    }
    this.remaining = remainingSeconds(this.#began, done, total, performance.now());
  }
}

/** Null until enough is done to tell. */
export function remainingSeconds(
  began: { done: number; at: number },
  done: number,
  total: number | null,
  now: number,
): number | null {
  const progress = done - began.done;
  if (!total || progress < total * SURE_ENOUGH || now <= began.at) return null;
  return ((total - done) * (now - began.at)) / progress / 1000;
}
