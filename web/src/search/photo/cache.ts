import { picture } from "../../api/products";
import { look, type Part } from "../../api/search";
import { decodePhoto, encodeForSearch, type Photo } from "./decode";
import { loadPhoto, savePhoto } from "./store";

// Decoded photos of this tab. A photo of the shopper is also saved in the browser, by the key in the history.
const photos = new Map<string, Promise<Photo | undefined>>();
const fetched = new Map<string, Promise<Photo>>();
const parts = new WeakMap<Photo, Promise<Part[]>>();
let next = 1;

export function storePhoto(photo: Photo): string {
  const key = `${Date.now().toString(36)}-${next++}`;
  photos.set(key, Promise.resolve(photo));
  savePhoto({ key, name: photo.name, file: photo.file }).catch((error: unknown) => {
    // Without room in the browser the photo lasts as long as its tab.
    console.warn("The photo was not saved in this browser.", error);
  });
  return key;
}

/** The shopper's photo with this key, unless this browser has deleted it. */
export function storedPhoto(key: string): Promise<Photo | undefined> {
  let photo = photos.get(key);
  if (!photo) {
    photo = loadPhoto(key).then((saved) => saved && decodePhoto(saved.file, saved.name));
    photos.set(key, photo);
  }
  return photo;
}

/** A photo on this server. */
export function samplePhoto(path: string): Promise<Photo> {
  return once(path, async () => decodePhoto(await picture(path)));
}

/** A photo elsewhere. The server fetches it, because a browser may not read it. */
export function linkedPhoto(link: string): Promise<Photo> {
  return once(link, async () => {
    const found = await look(link);
    const photo = await decodePhoto(fromDataUrl(found.photo ?? ""));
    parts.set(photo, Promise.resolve(found.boxes));
    return photo;
  });
}

/** Parts of a photo worth searching for. */
export function suggestedParts(photo: Photo): Promise<Part[]> {
  let boxes = parts.get(photo);
  if (!boxes) {
    boxes = encodeForSearch(photo, null).then(async (blob) => (await look(blob)).boxes);
    parts.set(photo, boxes);
  }
  return boxes;
}

function once(url: string, read: () => Promise<Photo>): Promise<Photo> {
  let photo = fetched.get(url);
  if (!photo) {
    photo = read();
    // Forget a failure, so that the next attempt starts afresh.
    photo.catch(() => fetched.delete(url));
    fetched.set(url, photo);
  }
  return photo;
}

function fromDataUrl(url: string): Blob {
  const plain = atob(url.slice(url.indexOf(",") + 1));
  return new Blob([Uint8Array.from(plain, (letter) => letter.charCodeAt(0))]);
}
