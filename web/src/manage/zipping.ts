// A feed with its photos as one ZIP file. Photos are packed already, so they go in as they are.

const NAMED_IN_UTF8 = 0x0800;
const FOLDER_ENTRY = 0x02014b50;
const FILE_ENTRY = 0x04034b50;
const END = 0x06054b50;
const VERSION = 20;
// The first day that a ZIP file knows; when a photo was taken is nobody's business.
const DAY = 0x0021;

const TABLE = Uint32Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value;
});

export async function zipped(files: readonly File[]): Promise<Blob> {
  const content: BlobPart[] = [];
  const folder: BlobPart[] = [];
  let offset = 0;
  let folderSize = 0;
  for (const file of files) {
    const name = new TextEncoder().encode(file.webkitRelativePath || file.name);
    const sum = checksum(new Uint8Array(await file.arrayBuffer()));
    // What both entries of a file have in common: flags, no packing, no time, the day, checksum, both sizes.
    const facts = [
      [2, VERSION],
      [2, NAMED_IN_UTF8],
      [2, 0],
      [2, 0],
      [2, DAY],
      [4, sum],
      [4, file.size],
      [4, file.size],
      [2, name.length],
      [2, 0],
    ] as const;
    const head = bytes([[4, FILE_ENTRY], ...facts]);
    const entry = bytes([[4, FOLDER_ENTRY], [2, VERSION], ...facts, [2, 0], [2, 0], [2, 0], [4, 0], [4, offset]]);
    content.push(head, name, file);
    folder.push(entry, name);
    offset += head.length + name.length + file.size;
    folderSize += entry.length + name.length;
  }
  const count = files.length;
  const end = bytes([[4, END], [2, 0], [2, 0], [2, count], [2, count], [4, folderSize], [4, offset], [2, 0]]);
  return new Blob([...content, ...folder, end], { type: "application/zip" });
}

function bytes(numbers: readonly (readonly [size: 2 | 4, value: number])[]): Uint8Array<ArrayBuffer> {
  const written = new DataView(new ArrayBuffer(numbers.reduce((sum, [size]) => sum + size, 0)));
  let at = 0;
  for (const [size, value] of numbers) {
    if (size === 2) written.setUint16(at, value, true);
    else written.setUint32(at, value, true);
    at += size;
  }
  return new Uint8Array(written.buffer);
}

function checksum(data: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of data) sum = (TABLE[(sum ^ byte) & 0xff] ?? 0) ^ (sum >>> 8);
  return (sum ^ 0xffffffff) >>> 0;
}
