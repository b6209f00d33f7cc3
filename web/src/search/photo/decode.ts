import { t } from "../../i18n/i18n.svelte";
import type { Box } from "../query";

/** A photo to search with, decoded in this tab. */
export interface Photo {
  picture: ImageBitmap;
  /** The file that is shown, and saved in this browser. */
  file: Blob;
  url: string;
  name: string;
  width: number;
  height: number;
}

/** The file cannot be searched with. The message says what to do. */
export class BadPhoto extends Error {}

const LARGEST_FILE = 80_000_000;
// Encoders read 128 to 448 pixels. More would only take longer to send.
const SENT_SIDE = 512;
// A larger photo is replaced by a smaller copy.
const LARGEST_KEPT = 16_000_000;
const KEPT_SIDE = 2000;
const QUALITY = 0.9;

export async function decodePhoto(file: Blob, name = ""): Promise<Photo> {
  if (file.size === 0) throw new BadPhoto(t("photo.empty_file"));
  if (file.size > LARGEST_FILE) {
    throw new BadPhoto(t("photo.too_large", { size: megabytes(file.size) }));
  }
  const kind = signature(new Uint8Array(await file.slice(0, 64).arrayBuffer()));
  if (kind === "svg") throw new BadPhoto(t("photo.svg"));
  let picture: ImageBitmap;
  try {
    // Without its type the browser decodes the file by its content: a file named .jpg may be something else.
    picture = await createImageBitmap(new Blob([file]));
  } catch {
    throw new BadPhoto(unreadable(kind));
  }
  let shown: Blob = new Blob([file]);
  if (picture.width * picture.height > LARGEST_KEPT) {
    const whole = picture;
    const scale = KEPT_SIDE / Math.max(whole.width, whole.height);
    picture = await createImageBitmap(whole, {
      resizeWidth: Math.max(1, Math.round(whole.width * scale)),
      resizeHeight: Math.max(1, Math.round(whole.height * scale)),
      resizeQuality: "medium",
    });
    whole.close();
    shown = await encode(picture, null, KEPT_SIDE);
  }
  return { picture, file: shown, url: URL.createObjectURL(shown), name, width: picture.width, height: picture.height };
}

/** The photo, or a part of it, as a small JPEG. */
export function encodeForSearch(photo: Photo, crop: Box | null): Promise<Blob> {
  return encode(photo.picture, crop, SENT_SIDE);
}

async function encode(picture: ImageBitmap, crop: Box | null, side: number): Promise<Blob> {
  const part = crop ?? { left: 0, top: 0, width: 1, height: 1 };
  const wide = Math.max(1, part.width * picture.width);
  const high = Math.max(1, part.height * picture.height);
  const scale = Math.min(1, side / Math.max(wide, high));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale)));
  const context = canvas.getContext("2d");
  if (!context) throw new BadPhoto(t("photo.no_canvas"));
  context.imageSmoothingQuality = "high";
  // Transparent areas become white, like the background of product photos.
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(
    picture,
    part.left * picture.width,
    part.top * picture.height,
    wide,
    high,
    0,
    0,
    canvas.width,
    canvas.height,
  );
  return canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY });
}

function unreadable(kind: string): string {
  if (kind === "heic") return t("photo.heic");
  if (kind === "pdf") return t("photo.pdf");
  if (kind === "text") return t("photo.text_file");
  if (kind === "tiff") return t("photo.tiff");
  return t("photo.unreadable");
}

function signature(bytes: Uint8Array): string {
  const words = String.fromCharCode(...bytes);
  if (/^.{4}ftyp(hei[cmsx]|hev[cmx]|mif1|msf1)/s.test(words)) return "heic";
  if (/^(\u00ef\u00bb\u00bf)?\s*<(\?xml|!doctype svg|svg|!--)/i.test(words)) return "svg";
  if (words.startsWith("%PDF")) return "pdf";
  if (/^(II\*\0|MM\0\*)/.test(words)) return "tiff";
  if (bytes.every((byte) => byte === 9 || byte === 10 || byte === 13 || byte >= 32) && !/\u00ff\u00d8/.test(words)) {
    return "text";
  }
  return "";
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1_000_000)} MB`;
}
