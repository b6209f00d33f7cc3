import type { Box } from "../query";

/** A photo of the shopper, decoded in this tab; it is sent only to be searched with. */
export interface Photo {
  picture: ImageBitmap;
  url: string;
  name: string;
  width: number;
  height: number;
}

/** What keeps a file from being searched with, and what to do about it. */
export class BadPhoto extends Error {}

const LARGEST_FILE = 80_000_000;
// Encoders look at 128 to 448 pixels; more would only travel longer.
const SENT_SIDE = 512;
// A photo of a phone is kept as it is; of a larger one, a smaller copy.
const LARGEST_KEPT = 16_000_000;
const KEPT_SIDE = 2000;
const QUALITY = 0.9;

export async function readPhoto(file: Blob, name = ""): Promise<Photo> {
  if (file.size === 0) throw new BadPhoto("This file is empty: choose another photo.");
  if (file.size > LARGEST_FILE) {
    throw new BadPhoto(`This file has ${megabytes(file.size)}: choose a photo of at most 80 MB.`);
  }
  const kind = signature(new Uint8Array(await file.slice(0, 64).arrayBuffer()));
  if (kind === "svg") {
    throw new BadPhoto("A drawing (SVG) cannot be compared with photos: save it as PNG or JPEG.");
  }
  let picture: ImageBitmap;
  try {
    // A file named .jpg may be of another kind; browsers decode by what is in it.
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
  return { picture, url: URL.createObjectURL(shown), name, width: picture.width, height: picture.height };
}

/** The photo, or a part of it, as the small JPEG that is sent. */
export function toSend(photo: Photo, crop: Box | null): Promise<Blob> {
  return encode(photo.picture, crop, SENT_SIDE);
}

async function encode(picture: ImageBitmap, crop: Box | null, side: number): Promise<Blob> {
  const part = crop ?? { left: 0, top: 0, width: 1, height: 1 };
  const wide = Math.max(1, part.width * picture.width);
  const high = Math.max(1, part.height * picture.height);
  const scale = Math.min(1, side / Math.max(wide, high));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(wide * scale)), Math.max(1, Math.round(high * scale)));
  const brush = canvas.getContext("2d");
  if (!brush) throw new BadPhoto("This browser cannot resize photos: close other tabs and try again.");
  brush.imageSmoothingQuality = "high";
  // What is see-through becomes white, like the studio behind a product.
  brush.fillStyle = "#fff";
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(
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
  if (kind === "heic") {
    return "This browser cannot read HEIC photos: save it as JPEG, or choose “Most compatible” in the camera's settings.";
  }
  if (kind === "pdf") return "A PDF is not a photo: take a screenshot of it, or save the picture as JPEG.";
  if (kind === "text") return "There is text in this file, not a picture, whatever its name says: choose a photo.";
  if (kind === "tiff") return "This browser cannot read TIFF photos: save it as JPEG or PNG.";
  return "This file cannot be read as a picture; it may be damaged. Choose a JPEG, PNG, WebP, AVIF or GIF.";
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
