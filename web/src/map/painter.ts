import type { Point } from "../api/analysis";
import { photoUrl } from "../api/products";
import type { Size, View } from "./view";

// Points are written straight into the pixels: fifty thousand take about two milliseconds, with no graphics card.
const CELL = 54;
const PICTURE = 54;
const MOST_PICTURES = 260;
const DIM = 0.22;

/** Paints products: a dot each, and the picture of one in every place that has room for it. */
export class Painter {
  #pictures = new Map<string, HTMLImageElement | null>();
  #pixels: ImageData | null = null;
  #levels = new Map<number, Int32Array>();

  constructor(
    private readonly points: readonly Point[],
    private readonly onpicture: () => void,
  ) {}

  paint(
    context: CanvasRenderingContext2D,
    size: Size,
    ratio: number,
    view: View,
    inks: Uint32Array,
    chosen: ReadonlySet<number> | null,
  ): void {
    this.#dots(context, size, ratio, view, inks, chosen);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#show(context, size, view, inks, chosen);
  }

  /** The product under a place of the screen, if there is one. */
  under(left: number, top: number, size: Size, view: View): number {
    let best = -1;
    let nearest = (PICTURE / 2) ** 2;
    this.points.forEach((point, n) => {
      const across = (point.x - view.x) * view.scale + size.width / 2 - left;
      const down = (point.y - view.y) * view.scale + size.height / 2 - top;
      const distance = across * across + down * down;
      if (distance < nearest) {
        nearest = distance;
        best = n;
      }
    });
    return best;
  }

  #dots(
    context: CanvasRenderingContext2D,
    size: Size,
    ratio: number,
    view: View,
    inks: Uint32Array,
    chosen: ReadonlySet<number> | null,
  ): void {
    const wide = Math.max(1, Math.round(size.width * ratio));
    const high = Math.max(1, Math.round(size.height * ratio));
    if (this.#pixels?.width !== wide || this.#pixels.height !== high) this.#pixels = new ImageData(wide, high);
    const pixels = new Uint32Array(this.#pixels.data.buffer);
    pixels.fill(0);
    const side = Math.max(2, Math.round(3 * ratio));
    const scale = view.scale * ratio;
    const left = wide / 2 - view.x * scale - side / 2;
    const top = high / 2 - view.y * scale - side / 2;
    for (let n = 0; n < this.points.length; n++) {
      const point = this.points[n] as Point;
      const x = Math.round(point.x * scale + left);
      const y = Math.round(point.y * scale + top);
      if (x < 0 || y < 0 || x + side >= wide || y + side >= high) continue;
      const ink = chosen && !chosen.has(n) ? faint(inks[n] ?? 0) : (inks[n] ?? 0);
      for (let row = 0; row < side; row++) {
        const start = (y + row) * wide + x;
        pixels.fill(ink, start, start + side);
      }
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.putImageData(this.#pixels, 0, 0);
  }

  #show(
    context: CanvasRenderingContext2D,
    size: Size,
    view: View,
    inks: Uint32Array,
    chosen: ReadonlySet<number> | null,
  ): void {
    // The cells are fixed in the map, so that a picture stays with its product while the map is moved.
    const level = Math.max(0, Math.floor(Math.log2(view.scale / CELL)));
    let shown = 0;
    context.imageSmoothingQuality = "low";
    for (const n of this.#chosenFor(level)) {
      const point = this.points[n];
      if (!point?.photo || (chosen && !chosen.has(n))) continue;
      const x = (point.x - view.x) * view.scale + size.width / 2;
      const y = (point.y - view.y) * view.scale + size.height / 2;
      if (x < -PICTURE || y < -PICTURE || x > size.width + PICTURE || y > size.height + PICTURE) continue;
      if (++shown > MOST_PICTURES) break;
      const picture = this.#picture(point.photo);
      if (!picture) continue;
      const half = PICTURE / 2;
      context.fillStyle = css(inks[n] ?? 0);
      context.fillRect(x - half - 1.5, y - half - 1.5, PICTURE + 3, PICTURE + 3);
      context.fillStyle = "#fff";
      context.fillRect(x - half, y - half, PICTURE, PICTURE);
      const fit = PICTURE / Math.max(picture.naturalWidth, picture.naturalHeight, 1);
      const wide = picture.naturalWidth * fit;
      const high = picture.naturalHeight * fit;
      context.drawImage(picture, x - wide / 2, y - high / 2, wide, high);
    }
  }

  /** One product for each cell of a level: the first that lies in it. */
  #chosenFor(level: number): Int32Array {
    const known = this.#levels.get(level);
    if (known) return known;
    const cells = 2 ** Math.min(level, 20);
    const taken = new Set<number>();
    const first: number[] = [];
    this.points.forEach((point, n) => {
      const cell = Math.floor(point.x * cells) * (cells + 1) + Math.floor(point.y * cells);
      if (point.photo && !taken.has(cell)) {
        taken.add(cell);
        first.push(n);
      }
    });
    const found = Int32Array.from(first);
    this.#levels.set(level, found);
    return found;
  }

  #picture(photo: string): HTMLImageElement | null {
    const known = this.#pictures.get(photo);
    if (known !== undefined) return known;
    this.#pictures.set(photo, null);
    const picture = new Image();
    picture.decoding = "async";
    picture.onload = () => {
      this.#pictures.set(photo, picture);
      this.onpicture();
    };
    picture.src = photoUrl(photo);
    return null;
  }
}

/** A colour as the bytes of a pixel. */
export function packed(red: number, green: number, blue: number): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function faint(colour: number): number {
  return ((colour & 0x00ffffff) | (Math.round(255 * DIM) << 24)) >>> 0;
}

function css(colour: number): string {
  return `rgb(${colour & 255} ${(colour >> 8) & 255} ${(colour >> 16) & 255})`;
}
