import { fromAddress, hasPhoto, isEmpty, NOTHING, order, toAddress, toQuestion, type Asking } from "./query";
import { BadPhoto, readPhoto, toSend, type Photo } from "./photo/decode";
import { keep, kept, linked, sample, suggested } from "./photo/cache";
import { go, onReturn, place } from "../ui/router.svelte";
import { Problem, search, type FacetCount, type Hit, type Part, type Question, type Results } from "../api/api";
import { shop } from "../api/shop.svelte";
import { visitor } from "../shopper/shopper.svelte";
import { plural } from "../ui/format";

const PAGE = 24;
const TYPING_PAUSE = 60;
const REMEMBERED = 30;
// Who stays this long has seen the page; what is typed on the way to it is no search.
const LOOKED_AT = 1500;
// A suggested part that is nearly the whole photo suggests nothing.
const MOST_OF_IT = 0.85;

type Phase = "idle" | "first" | "again" | "more" | "done" | "failed";

/** One search at a time: what is asked, what came back, what went wrong. */
class Searching {
  asking: Asking = $state(NOTHING);
  photo: Photo | null = $state.raw(null);
  suggested: Part[] = $state.raw([]);
  hits: Hit[] = $state.raw([]);
  total = $state(0);
  counts: Record<string, FacetCount[]> = $state.raw({});
  phase: Phase = $state("idle");
  problem = $state("");
  wantsKey = $state(false);
  /** A fault of the photo itself, told beside the box it was dropped on. */
  photoProblem = $state("");
  took = $state(0);
  roundTrip = $state(0);
  revision = $state(0);
  recipe = $state("");
  question: Question | null = $state.raw(null);
  showWeak = $state(false);
  /** Counts how often the page turned from the first one to results, or back, without typing. */
  entry = $state(0);
  good: boolean | null = $state(null);

  #running: AbortController | null = null;
  #looking: ReturnType<typeof setTimeout> | undefined;
  #typing: ReturnType<typeof setTimeout> | undefined;
  /** Whether what is typed left the first page, which stays in the history. */
  #begins = false;
  #reading = 0;
  #remembered = new Map<string, { hits: Hit[]; results: Results; question: Question }>();
  #sent: { key: string; blob: Promise<Blob> } | null = null;

  constructor() {
    onReturn(() => void this.follow());
  }

  get busy(): boolean {
    return this.phase === "first" || this.phase === "again";
  }

  get complete(): boolean {
    return this.hits.length >= this.total || this.hits.length % PAGE !== 0;
  }

  /** Whether the best that was found is still no good match, by the catalogue's own measure. */
  get nothingGood(): boolean {
    return this.phase === "done" && (this.hits.length === 0 || this.good === false);
  }

  get announcement(): string {
    if (this.phase === "failed") return this.problem;
    if (this.phase !== "done" || isEmpty(this.asking)) return "";
    if (this.hits.length === 0) return "No products found.";
    if (this.nothingGood) return "No good match.";
    return `${plural(this.total, "product", "products")}, ${order(this.asking.sort).done}.`;
  }

  /** Go to where the address points; called once at the start and at every Back and Forward. */
  async follow(): Promise<void> {
    if (place.path !== "/") {
      this.#stop();
      return;
    }
    this.#reading++;
    const before = isEmpty(this.asking);
    this.asking = fromAddress(place.search, place.photo);
    if (before !== isEmpty(this.asking)) this.entry++;
    await this.#answer(true);
  }

  /** Ask for something else, as a new step of the history. */
  async change(change: Partial<Asking>): Promise<void> {
    clearTimeout(this.#typing);
    const before = isEmpty(this.asking);
    this.asking = { ...this.asking, ...change };
    if (before !== isEmpty(this.asking)) this.entry++;
    go(toAddress(this.asking), this.asking.photo);
    await this.#answer();
  }

  /** Ask while the shopper still types or drags: the address follows, the history does not grow. */
  adjust(change: Partial<Asking>): void {
    this.#begins ||= isEmpty(this.asking);
    this.#await();
    this.asking = { ...this.asking, ...change };
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => {
      go(toAddress(this.asking), this.asking.photo, this.#begins ? "push" : "replace");
      void this.#answer();
    }, TYPING_PAUSE);
  }

  toggle(facet: string, value: string): Promise<void> {
    const chosen = this.asking.where[facet] ?? [];
    const values = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
    const { [facet]: _, ...others } = this.asking.where;
    return this.change({ where: values.length ? { ...others, [facet]: values } : others });
  }

  clearFilters(): Promise<void> {
    return this.change({ where: {}, low: null, high: null });
  }

  async useFile(file: Blob, name: string): Promise<void> {
    const reading = this.#another();
    this.#await();
    try {
      const photo = await readPhoto(file, name);
      // A large photo is read for longer than a small one that came after it.
      if (reading === this.#reading) await this.change({ ...this.#refined(), photo: keep(photo) });
    } catch (error) {
      if (!(error instanceof BadPhoto)) throw error;
      if (reading !== this.#reading) return;
      this.photoProblem = error.message;
      if (!this.#running) this.phase = isEmpty(this.asking) ? "idle" : this.problem ? "failed" : "done";
    }
  }

  /** What is shown no longer answers what is asked. */
  #await(): void {
    this.phase = this.hits.length ? "again" : "first";
  }

  useLink(link: string): Promise<void> {
    this.#another();
    return this.change({ ...this.#refined(), link });
  }

  useSample(path: string): Promise<void> {
    this.#another();
    return this.change({ ...NOTHING, sample: path });
  }

  /** Another photo is wanted than the one that may still be read. */
  #another(): number {
    this.photoProblem = "";
    return ++this.#reading;
  }

  /** What is left of the question when its photo changes: the words and the filters. */
  #refined(): Partial<Asking> {
    return { photo: "", sample: "", link: "", product: "", crop: null, sort: "best" };
  }

  more(): Promise<void> {
    return this.#answer(false, this.hits.length);
  }

  again(): Promise<void> {
    this.#remembered.clear();
    return this.#answer();
  }

  #stop(): void {
    clearTimeout(this.#typing);
    clearTimeout(this.#looking);
    this.#begins = false;
    this.#running?.abort();
    this.#running = null;
  }

  async #answer(returning = false, offset = 0): Promise<void> {
    this.#stop();
    const asking = this.asking;
    const key = `${toAddress(asking)} ${asking.photo}`;
    this.problem = "";
    this.wantsKey = false;
    if (offset === 0) this.showWeak = false;
    if (isEmpty(asking)) {
      this.phase = "idle";
      this.photo = null;
      this.hits = [];
      return;
    }
    const before = this.#remembered.get(key);
    if (returning && before) {
      this.photo = (await this.#find(asking)) ?? null;
      this.#show(before.results, before.hits, before.question);
      return;
    }
    const running = new AbortController();
    this.#running = running;
    this.phase = offset ? "more" : this.hits.length ? "again" : "first";
    try {
      const blob = await this.#photo(asking);
      if (running.signal.aborted) return;
      const facets = offset ? [] : (await shop.facets()).filter((facet) => facet !== "group" && facet !== "stock");
      if (running.signal.aborted) return;
      const question = toQuestion(asking, PAGE, offset, facets);
      const began = performance.now();
      const results = await search(question, blob, running.signal);
      if (running.signal.aborted) return;
      this.roundTrip = performance.now() - began;
      const hits = offset ? [...this.hits, ...results.hits] : results.hits;
      // The first page has counted, and it alone has what tells whether anything is good.
      if (offset) Object.assign(results, { counts: this.counts, good: this.good });
      this.#remember(key, { hits, results, question });
      this.#show(results, hits, question);
    } catch (error) {
      if (running.signal.aborted) return;
      this.#fail(error);
    } finally {
      if (this.#running === running) this.#running = null;
    }
  }

  #find(asking: Asking): Promise<Photo> | Photo | undefined {
    if (asking.sample) return sample(asking.sample);
    if (asking.link) return linked(asking.link);
    return kept(asking.photo);
  }

  async #photo(asking: Asking): Promise<Blob | null> {
    if (!hasPhoto(asking)) {
      this.photo = null;
      return null;
    }
    const photo = await this.#find(asking);
    if (!photo) throw new BadPhoto("Your photo was only in this tab and is gone: drop it again.");
    if (photo !== this.photo) {
      this.photo = photo;
      this.suggested = [];
    }
    const key = JSON.stringify([asking.sample, asking.link, asking.photo, asking.crop]);
    // Words and filters change while the photo stays: it is made ready once.
    if (this.#sent?.key !== key) this.#sent = { key, blob: toSend(photo, asking.crop) };
    return this.#sent.blob;
  }

  /** What was sent for the search that is shown. */
  get sent(): Promise<Blob> | null {
    return this.photo && this.#sent ? this.#sent.blob : null;
  }

  async #suggest(): Promise<void> {
    const photo = this.photo;
    if (!photo) return;
    try {
      const boxes = await suggested(photo);
      if (this.photo === photo) this.suggested = boxes.filter((box) => box.width * box.height < MOST_OF_IT);
    } catch (error) {
      // The results are there; that nothing is suggested does not hurt.
      if (!(error instanceof Problem)) throw error;
    }
  }

  #remember(key: string, answer: { hits: Hit[]; results: Results; question: Question }): void {
    this.#remembered.delete(key);
    this.#remembered.set(key, answer);
    for (const oldest of this.#remembered.keys()) {
      if (this.#remembered.size <= REMEMBERED) break;
      this.#remembered.delete(oldest);
    }
  }

  #show(results: Results, hits: Hit[], question: Question): void {
    this.hits = hits;
    this.total = results.total;
    this.counts = results.counts;
    this.took = results.took_ms;
    this.revision = results.revision;
    this.recipe = results.recipe;
    this.question = question;
    this.good = results.good ?? null;
    this.phase = "done";
    void this.#suggest();
    clearTimeout(this.#looking);
    this.#looking = setTimeout(() => visitor.saw(this.asking.text.trim(), hits), LOOKED_AT);
  }

  #fail(error: unknown): void {
    if (!(error instanceof Problem) && !(error instanceof BadPhoto)) throw error;
    this.phase = "failed";
    this.problem = error.message;
    this.wantsKey = error instanceof Problem && error.wantsKey;
  }
}

export const searching = new Searching();
