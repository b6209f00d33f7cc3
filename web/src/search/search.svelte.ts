import { Problem } from "../api/http";
import { search, type FacetCount, type Hit, type Interpretation, type Part, type Results, type SearchRequest } from "../api/search";
import { shop } from "../api/shop.svelte";
import { t } from "../i18n/i18n.svelte";
import { visitor } from "../shopper/shopper.svelte";
import { navigate, onNavigate, route } from "../ui/router.svelte";
import { linkedPhoto, samplePhoto, storedPhoto, storePhoto, suggestedParts } from "./photo/cache";
import { BadPhoto, decodePhoto, encodeForSearch, type Photo } from "./photo/decode";
import { EMPTY_QUERY, fromUrl, hasPhoto, isEmpty, NO_FILTERS, sortOrder, toRequest, toUrl, type Query } from "./query";

const TYPING_PAUSE_MS = 60;
const CACHED_ANSWERS = 30;
// Results count as seen after this time. What is typed on the way to them is not a search.
const IMPRESSION_DELAY_MS = 1500;
// A suggested part that covers nearly the whole photo is of no use.
const NEARLY_WHOLE = 0.85;
// These facets have controls of their own.
const NOT_COUNTED = ["group", "stock"];

type Phase = "idle" | "first" | "again" | "more" | "done" | "failed";

interface Answer {
  hits: Hit[];
  results: Results;
  request: SearchRequest;
}

/** The search on the page: the query, its results and what went wrong. */
class SearchSession {
  query: Query = $state(EMPTY_QUERY);
  photo: Photo | null = $state.raw(null);
  suggested: Part[] = $state.raw([]);
  hits: Hit[] = $state.raw([]);
  total = $state(0);
  counts: Record<string, FacetCount[]> = $state.raw({});
  phase: Phase = $state("idle");
  problem = $state("");
  wantsKey = $state(false);
  /** What is wrong with the photo that was chosen, shown beside the search box. */
  photoProblem = $state("");
  took = $state(0);
  roundTrip = $state(0);
  revision = $state(0);
  recipe = $state("");
  request: SearchRequest | null = $state.raw(null);
  showWeak = $state(false);
  /** Counts the switches between the start page and results that no typing caused. */
  entry = $state(0);
  good: boolean | null = $state(null);
  interpretation: Interpretation | null = $state.raw(null);

  #running: AbortController | null = null;
  #impressionTimer: ReturnType<typeof setTimeout> | undefined;
  #typingTimer: ReturnType<typeof setTimeout> | undefined;
  /** Typing left the start page, which stays in the history. */
  #leftStart = false;
  #decoding = 0;
  #answers = new Map<string, Answer>();
  #encoded: { key: string; blob: Promise<Blob> } | null = null;

  constructor() {
    onNavigate(() => void this.follow());
  }

  get busy(): boolean {
    return this.phase === "first" || this.phase === "again";
  }

  get complete(): boolean {
    return this.hits.length >= this.total || this.hits.length % shop.pageSize !== 0;
  }

  /** Whether even the best result is no good match, by the catalog's own measure. */
  get nothingGood(): boolean {
    return this.phase === "done" && (this.hits.length === 0 || this.good === false);
  }

  /** For screen readers. */
  get announcement(): string {
    if (this.phase === "failed") return this.problem;
    if (this.phase !== "done" || isEmpty(this.query)) return "";
    if (this.hits.length === 0) return t("results.none_found");
    if (this.nothingGood) return t("results.no_good_match");
    return `${t("results.count", { count: this.total })}, ${t(sortOrder(this.query.sort).summary)}.`;
  }

  /** Shows the search of the current URL: on load, Back, Forward and links. */
  async follow(): Promise<void> {
    if (route.path !== "/") {
      this.#stop();
      return;
    }
    this.#decoding++;
    const wasEmpty = isEmpty(this.query);
    this.query = fromUrl(route.search, route.photo);
    if (wasEmpty !== isEmpty(this.query)) this.entry++;
    await this.#search(true);
  }

  /** Changes the query as a new step of the history. */
  async change(change: Partial<Query>): Promise<void> {
    clearTimeout(this.#typingTimer);
    const wasEmpty = isEmpty(this.query);
    this.query = { ...this.query, ...change };
    if (wasEmpty !== isEmpty(this.query)) this.entry++;
    navigate(toUrl(this.query), this.query.photo);
    await this.#search();
  }

  /** Changes the query while the shopper types or drags. The history does not grow. */
  adjust(change: Partial<Query>): void {
    this.#leftStart ||= isEmpty(this.query);
    this.#markStale();
    this.query = { ...this.query, ...change };
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => {
      navigate(toUrl(this.query), this.query.photo, this.#leftStart ? "push" : "replace");
      void this.#search();
    }, TYPING_PAUSE_MS);
  }

  toggle(facet: string, value: string): Promise<void> {
    const chosen = this.query.where[facet] ?? [];
    const values = chosen.includes(value) ? chosen.filter((each) => each !== value) : [...chosen, value];
    const { [facet]: _, ...others } = this.query.where;
    return this.change({ where: values.length ? { ...others, [facet]: values } : others });
  }

  clearFilters(): Promise<void> {
    return this.change(NO_FILTERS);
  }

  async useFile(file: Blob, name: string): Promise<void> {
    const decoding = this.#beginDecoding();
    this.#markStale();
    try {
      const photo = await decodePhoto(file, name);
      // A small photo chosen later may have been decoded sooner.
      if (decoding === this.#decoding) await this.change({ ...this.#withoutPhoto(), photo: storePhoto(photo) });
    } catch (error) {
      if (!(error instanceof BadPhoto)) throw error;
      if (decoding !== this.#decoding) return;
      this.photoProblem = error.message;
      if (!this.#running) this.phase = isEmpty(this.query) ? "idle" : this.problem ? "failed" : "done";
    }
  }

  /** The results on the page no longer belong to the query. */
  #markStale(): void {
    this.phase = this.hits.length ? "again" : "first";
  }

  useLink(link: string): Promise<void> {
    this.#beginDecoding();
    return this.change({ ...this.#withoutPhoto(), link });
  }

  useSample(path: string): Promise<void> {
    this.#beginDecoding();
    return this.change({ ...EMPTY_QUERY, sample: path });
  }

  #beginDecoding(): number {
    this.photoProblem = "";
    return ++this.#decoding;
  }

  /** What stays when the photo changes: the words and the filters, on the search page only. */
  #withoutPhoto(): Partial<Query> {
    if (route.path !== "/") return EMPTY_QUERY;
    return { photo: "", sample: "", link: "", product: "", crop: null, sort: "best" };
  }

  more(): Promise<void> {
    return this.#search(false, this.hits.length);
  }

  again(): Promise<void> {
    this.#answers.clear();
    return this.#search();
  }

  #stop(): void {
    clearTimeout(this.#typingTimer);
    clearTimeout(this.#impressionTimer);
    this.#leftStart = false;
    this.#running?.abort();
    this.#running = null;
  }

  async #search(returning = false, offset = 0): Promise<void> {
    this.#stop();
    const query = this.query;
    const key = `${toUrl(query)} ${query.photo}`;
    this.problem = "";
    this.wantsKey = false;
    if (offset === 0) this.showWeak = false;
    if (isEmpty(query)) {
      this.phase = "idle";
      this.photo = null;
      this.hits = [];
      return;
    }
    const running = new AbortController();
    this.#running = running;
    this.phase = offset ? "more" : this.hits.length ? "again" : "first";
    try {
      const blob = await this.#preparePhoto(query);
      if (running.signal.aborted) return;
      const before = this.#answers.get(key);
      if (returning && before) {
        this.#show(before);
        return;
      }
      const facets = offset ? [] : (await shop.facets()).filter((facet) => !NOT_COUNTED.includes(facet));
      if (running.signal.aborted) return;
      const request = toRequest(query, shop.pageSize, offset, facets);
      const began = performance.now();
      const results = await search(request, blob, running.signal);
      if (running.signal.aborted) return;
      this.roundTrip = performance.now() - began;
      const hits = offset ? [...this.hits, ...results.hits] : results.hits;
      // Only the first page has counts and knows whether anything is a good match.
      if (offset) Object.assign(results, { counts: this.counts, good: this.good, interpretation: this.interpretation });
      this.#remember(key, { hits, results, request });
      this.#show({ hits, results, request });
    } catch (error) {
      if (running.signal.aborted) return;
      this.#fail(error);
    } finally {
      if (this.#running === running) this.#running = null;
    }
  }

  async #preparePhoto(query: Query): Promise<Blob | null> {
    if (!hasPhoto(query)) {
      this.photo = null;
      return null;
    }
    const photo = await this.#findPhoto(query);
    if (!photo) throw new BadPhoto(t("photo.gone"));
    if (photo !== this.photo) {
      this.photo = photo;
      this.suggested = [];
    }
    const key = JSON.stringify([query.sample, query.link, query.photo, query.crop]);
    // Words and filters change while the photo stays: it is encoded once.
    if (this.#encoded?.key !== key) this.#encoded = { key, blob: encodeForSearch(photo, query.crop) };
    return this.#encoded.blob;
  }

  #findPhoto(query: Query): Promise<Photo | undefined> {
    if (query.sample) return samplePhoto(query.sample);
    if (query.link) return linkedPhoto(query.link);
    return storedPhoto(query.photo);
  }

  /** The photo that was sent for the results on the page. */
  get sentPhoto(): Promise<Blob> | null {
    return this.photo && this.#encoded ? this.#encoded.blob : null;
  }

  async #suggest(): Promise<void> {
    const photo = this.photo;
    if (!photo) return;
    try {
      const boxes = await suggestedParts(photo);
      if (this.photo === photo) this.suggested = boxes.filter((box) => box.width * box.height < NEARLY_WHOLE);
    } catch (error) {
      // The results are there. Suggestions are only a help.
      if (!(error instanceof Problem)) throw error;
    }
  }

  #remember(key: string, answer: Answer): void {
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= CACHED_ANSWERS) break;
      this.#answers.delete(oldest);
    }
  }

  #show({ hits, results, request }: Answer): void {
    this.hits = hits;
    this.total = results.total;
    this.counts = results.counts;
    this.took = results.took_ms;
    this.revision = results.revision;
    this.recipe = results.recipe;
    this.request = request;
    this.good = results.good ?? null;
    this.interpretation = results.interpretation ?? null;
    this.phase = "done";
    void this.#suggest();
    clearTimeout(this.#impressionTimer);
    const text = this.query.text.trim();
    this.#impressionTimer = setTimeout(() => visitor.recordImpressions(text, hits), IMPRESSION_DELAY_MS);
  }

  #fail(error: unknown): void {
    if (!(error instanceof Problem) && !(error instanceof BadPhoto)) throw error;
    this.phase = "failed";
    this.problem = error.message;
    this.wantsKey = error instanceof Problem && error.wantsKey;
  }
}

export const session = new SearchSession();
