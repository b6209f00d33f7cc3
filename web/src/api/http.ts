import { t } from "../i18n/i18n.svelte";
import { connection } from "./connection.svelte";
import type { components } from "./schema";

// How every request goes out: with the key and the catalog of this tab, and with problems in words.

export const NOT_FOUND = 404;
const KEY = "lookalike-key";
const CATALOG = "lookalike-catalog";
const DEFAULT_CATALOG = "default";

/** A failed request. The message says what to do next. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }

  get wantsKey(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

/** The status of a request that got no answer. */
export const OFFLINE = 0;
const GATEWAY_ERRORS = [502, 503, 504];

/** Sends a file and reports the share that is sent, which fetch() does not. */
export function upload<Answer>(
  path: string,
  body: Blob,
  parameters: URLSearchParams,
  onsent: (share: number) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", `${at(path)}?${parameters}`);
    const key = sessionStorage.getItem(KEY);
    if (key) request.setRequestHeader("Authorization", `Bearer ${key}`);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.onprogress = (event) => onsent(event.loaded / Math.max(1, event.total));
    request.onerror = () => reject(offline());
    request.onload = () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText) as Answer);
      else reject(new Problem(request.status, problemText(request.responseText, request.status)));
    };
    request.send(body);
  });
}

/** The catalog that this tab shows. */
export function chosenCatalog(): string {
  return sessionStorage.getItem(CATALOG) ?? DEFAULT_CATALOG;
}

export function chooseCatalog(name: string): void {
  sessionStorage.setItem(CATALOG, name);
}

/** The path of a route in the catalog that this tab shows. */
export function at(path: string): string {
  const name = chosenCatalog();
  if (name === DEFAULT_CATALOG || /^\/v1\/catalogs(\/|$)/.test(path)) return path;
  return path.replace(/^\/v1\//, `/v1/catalogs/${encodeURIComponent(name)}/`);
}

export function useKey(key: string): void {
  sessionStorage.setItem(KEY, key);
}

export async function ask<Answer>(path: string, request: RequestInit = {}): Promise<Answer> {
  return (await send(path, request)).json() as Promise<Answer>;
}

export async function send(path: string, request: RequestInit): Promise<Response> {
  const headers = new Headers(request.headers);
  if (typeof request.body === "string") headers.set("Content-Type", "application/json");
  const key = sessionStorage.getItem(KEY);
  if (key) headers.set("Authorization", `Bearer ${key}`);
  let response: Response;
  try {
    response = await fetch(at(path), { ...request, headers });
  } catch (error) {
    if (request.signal?.aborted) throw error;
    throw offline();
  }
  // The server's own 503 is a problem with a reason. A proxy's means that there is no server.
  const ours = response.headers.get("Content-Type")?.includes("json") ?? false;
  if (GATEWAY_ERRORS.includes(response.status) && !ours) throw offline();
  connection.succeed();
  if (!response.ok) throw new Problem(response.status, problemText(await response.text(), response.status));
  return response;
}

function offline(): Problem {
  connection.fail();
  return new Problem(OFFLINE, t("error.offline"));
}

function problemText(body: string, status: number): string {
  try {
    const problem = JSON.parse(body) as Partial<components["schemas"]["Problem"]>;
    if (problem.detail) return problem.detail;
  } catch {
    // A proxy in between answers with a page of its own. Only its status is known.
  }
  return t("error.status", { status: String(status) });
}
