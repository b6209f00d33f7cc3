/** What part of the map is seen: the place in its middle, and pixels for the whole side. */
export interface View {
  x: number;
  y: number;
  scale: number;
}

export interface Size {
  width: number;
  height: number;
}

const LARGEST = 400_000;

export function whole(size: Size): View {
  return { x: 0.5, y: 0.5, scale: Math.max(1, Math.min(size.width, size.height) * 0.94) };
}

export function toScreen(x: number, y: number, view: View, size: Size): [number, number] {
  return [(x - view.x) * view.scale + size.width / 2, (y - view.y) * view.scale + size.height / 2];
}

export function toMap(left: number, top: number, view: View, size: Size): [number, number] {
  return [(left - size.width / 2) / view.scale + view.x, (top - size.height / 2) / view.scale + view.y];
}

export function panned(view: View, across: number, down: number): View {
  return { ...view, x: clamp(view.x - across / view.scale), y: clamp(view.y - down / view.scale) };
}

/** Zoomed about a place of the screen, which stays where it is. */
export function zoomed(view: View, factor: number, left: number, top: number, size: Size): View {
  const [x, y] = toMap(left, top, view, size);
  const least = Math.min(size.width, size.height) * 0.5;
  const scale = Math.min(LARGEST, Math.max(least, view.scale * factor));
  return {
    scale,
    x: clamp(x - (left - size.width / 2) / scale),
    y: clamp(y - (top - size.height / 2) / scale),
  };
}

/** Which points lie inside a line drawn around them; the line is in map places. */
export function inside(points: readonly { x: number; y: number }[], line: readonly [number, number][]): number[] {
  const found: number[] = [];
  points.forEach(({ x, y }, n) => {
    let odd = false;
    for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
      const [ax, ay] = line[i] ?? [0, 0];
      const [bx, by] = line[j] ?? [0, 0];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) odd = !odd;
    }
    if (odd) found.push(n);
  });
  return found;
}

function clamp(value: number): number {
  return Math.min(1.1, Math.max(-0.1, value));
}
