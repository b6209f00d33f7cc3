const HEIGHT = 112;
const LARGEST = 150_000;

/** A logo as a small data: URL. Null if the file is not an image, or too large a drawing. */
export async function logoUrl(file: Blob): Promise<string | null> {
  if (file.type === "image/svg+xml") {
    const url = await readAsUrl(file);
    return url.length <= LARGEST ? url : null;
  }
  let picture: ImageBitmap;
  try {
    picture = await createImageBitmap(file);
  } catch {
    return null;
  }
  const scale = Math.min(1, HEIGHT / picture.height);
  const canvas = new OffscreenCanvas(Math.max(1, picture.width * scale), Math.max(1, picture.height * scale));
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  const url = await readAsUrl(await canvas.convertToBlob({ type: "image/png" }));
  return url.length <= LARGEST ? url : null;
}

function readAsUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result as string);
    reader.onerror = () => reject(reader.error ?? new Error("The file cannot be read"));
    reader.readAsDataURL(blob);
  });
}
