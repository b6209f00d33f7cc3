import { downloadZip } from "client-zip";

/** One file to upload: a feed as it is, or a ZIP file of several files. */
export async function uploadOf(files: readonly File[]): Promise<Blob> {
  const [first] = files;
  if (first && isSingleFeed(files)) return first;
  return downloadZip(files.map((file) => ({ name: file.webkitRelativePath || file.name, input: file }))).blob();
}

/** Photos alone are packed, because their names carry the ids. */
export function isSingleFeed(files: readonly File[]): boolean {
  return files.length === 1 && !files[0]?.type.startsWith("image/");
}

const LONGEST_NAME = 200;

/** What the page calls an upload: the folder, or the first file. */
export function nameOf(files: readonly File[]): string {
  const [first] = files;
  return (first?.webkitRelativePath.split("/")[0] || first?.name || "").slice(0, LONGEST_NAME);
}
