/** The path, the query string and the state that the browser's history keeps beside them. */
interface Route {
  path: string;
  search: string;
  /** The key of the shopper's photo. It is not part of the URL. */
  photo: string;
}

export const route: Route = $state(current());

type Listener = () => void;
const listeners = new Set<Listener>();

const PAGES = ["/", "/for-you", "/map", "/bag"];

export function navigate(url: string, photo = "", how: "push" | "replace" = "push"): void {
  const same = url === location.pathname + location.search && photo === route.photo;
  if (how === "replace" || same) history.replaceState({ photo }, "", url);
  else history.pushState({ photo }, "", url);
  const otherPage = route.path !== location.pathname;
  Object.assign(route, current());
  if (otherPage) scrollTo(0, 0);
}

/** Calls the listener when a link, Back or Forward changed the route. */
export function onNavigate(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keeps plain clicks on the application's own links inside it. */
export function interceptLinks(event: MouseEvent): void {
  const link = (event.target as Element | null)?.closest("a");
  if (!link || event.defaultPrevented || event.button !== 0) return;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin) return;
  if (link.hash || !isPage(link.pathname)) return;
  event.preventDefault();
  navigate(link.pathname + link.search);
  for (const listener of listeners) listener();
}

export function isPage(path: string): boolean {
  return PAGES.includes(path) || /^\/(p\/.|manage(\/|$))/.test(path);
}

addEventListener("popstate", () => {
  Object.assign(route, current());
  for (const listener of listeners) listener();
});

function current(): Route {
  const state = history.state as { photo?: string } | null;
  return { path: location.pathname, search: location.search, photo: state?.photo ?? "" };
}
