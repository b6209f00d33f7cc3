import { look, picture, type Part } from "../../api/api";
import { readPhoto, toSend, type Photo } from "./decode";

// Photos of this tab, by the key that its history knows them by. They end with the tab.
const photos = new Map<string, Photo>();
const fetched = new Map<string, Promise<Photo>>();
const parts = new WeakMap<Photo, Promise<Part[]>>();
let next = 1;

export function keep(photo: Photo): string {
  const key = `${Date.now().toString(36)}-${next++}`;
  photos.set(key, photo);
  return key;
}

export function kept(key: string): Photo | undefined {
  return photos.get(key);
}

/** A photo that the server has, fetched once. */
export function sample(path: string): Promise<Photo> {
  return once(path, async () => readPhoto(await picture(path)));
}

/** A photo elsewhere: the server fetches it, for a browser may not read it. */
export function linked(link: string): Promise<Photo> {
  return once(link, async () => {
    const found = await look(link);
    const photo = await readPhoto(bytes(found.photo ?? ""));
    parts.set(photo, Promise.resolve(found.boxes));
    return photo;
  });
}

/** Parts of a photo worth searching for. */
export function suggested(photo: Photo): Promise<Part[]> {
  let boxes = parts.get(photo);
  if (!boxes) {
    boxes = toSend(photo, null).then(async (blob) => (await look(blob)).boxes);
    parts.set(photo, boxes);
  }
  return boxes;
}

function once(address: string, read: () => Promise<Photo>): Promise<Photo> {
  let photo = fetched.get(address);
  if (!photo) {
    photo = read();
    // A failure is not kept, so that trying again tries again.
    photo.catch(() => fetched.delete(address));
    fetched.set(address, photo);
  }
  return photo;
}

function bytes(dataUrl: string): Blob {
  const plain = atob(dataUrl.slice(dataUrl.indexOf(",") + 1));
  return new Blob([Uint8Array.from(plain, (letter) => letter.charCodeAt(0))]);
}
