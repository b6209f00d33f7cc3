/** Where the visitor is: the path, the query, and what the history keeps beside them. */
interface Place {
  path: string;
  search: string;
  photo: string;
}

export const place: Place = $state(here());

type Listener = () => void;
const listeners = new Set<Listener>();

export function go(address: string, photo = "", how: "push" | "replace" = "push"): void {
  const same = address === location.pathname + location.search && photo === place.photo;
  if (how === "replace" || same) history.replaceState({ photo }, "", address);
  else history.pushState({ photo }, "", address);
  const moved = place.path !== location.pathname;
  Object.assign(place, here());
  if (moved) scrollTo(0, 0);
}

/** Called when Back or Forward changed the place. */
export function onReturn(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Lets a plain click on a link of the application stay inside it; other clicks are the browser's. */
export function stay(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest("a");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.hash || !inside(link.pathname)) return;
  event.preventDefault();
  go(link.pathname + link.search);
  for (const listener of listeners) listener();
}

export function inside(path: string): boolean {
  return path === "/" || path.startsWith("/p/") || ["/for-you", "/map", "/manage"].includes(path);
}

addEventListener("popstate", () => {
  Object.assign(place, here());
  for (const listener of listeners) listener();
});

function here(): Place {
  const kept = history.state as { photo?: string } | null;
  return { path: location.pathname, search: location.search, photo: kept?.photo ?? "" };
}
