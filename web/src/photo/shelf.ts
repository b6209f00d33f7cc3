import { picture } from "../server/api";
import { readPhoto, type Photo } from "./reading";

// Photos of this tab, by the key that its history knows them by. They end with the tab.
const photos = new Map<string, Photo>();
const samples = new Map<string, Promise<Photo>>();
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
  let photo = samples.get(path);
  if (!photo) {
    photo = picture(path).then((blob) => readPhoto(blob));
    // A failure is not kept, so that trying again tries again.
    photo.catch(() => samples.delete(path));
    samples.set(path, photo);
  }
  return photo;
}
