const HEALTH = "/healthz";
const RETRY_MS = 1500;
// A proxy whose server is restarting answers with one of these.
const GATEWAY_ERRORS = [502, 503, 504];

/** Whether the server answers. While it does not, it is asked again until it does. */
class Connection {
  lost = $state(false);
  /** Counts the recoveries, so that a page can load again after each. */
  recoveries = $state(0);
  #retry: ReturnType<typeof setTimeout> | undefined;

  fail(): void {
    if (this.lost) return;
    this.lost = true;
    this.#schedule();
  }

  succeed(): void {
    if (!this.lost) return;
    clearTimeout(this.#retry);
    this.lost = false;
    this.recoveries += 1;
  }

  #schedule(): void {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#check(), RETRY_MS);
  }

  async #check(): Promise<void> {
    try {
      const response = await fetch(HEALTH, { cache: "no-store" });
      if (GATEWAY_ERRORS.includes(response.status)) this.#schedule();
      else this.succeed();
    } catch {
      this.#schedule();
    }
  }
}

export const connection = new Connection();
