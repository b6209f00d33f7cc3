import { expect, it } from "vitest";
import { csv } from "../src/manage/csv";
import { isSingleFeed, uploadOf } from "../src/manage/import/upload";

const END_SIGNATURE = 0x06054b50;
const END_SIZE = 22;
const ENTRY_SIZE = 46;

it("uploads a single feed as it is", async () => {
  const feed = new File(["id,title"], "feed.csv", { type: "text/csv" });
  expect(await uploadOf([feed])).toBe(feed);
});

it("packs a single photo, because its name carries the id", () => {
  expect(isSingleFeed([new File(["…"], "15970.jpg", { type: "image/jpeg" })])).toBe(false);
});

it("packs more files than the end record of a ZIP file can count", async () => {
  const number = 65_600;
  const files = Array.from({ length: number }, (_, n) => new File([], `${n}.jpg`));
  const zip = new DataView(await (await uploadOf(files)).arrayBuffer());
  const end = zip.byteLength - END_SIZE;
  expect(zip.getUint32(end, true)).toBe(END_SIGNATURE);
  // Readers follow the size of the directory. The count stays at its limit instead of starting again at 0.
  expect(zip.getUint16(end + 10, true)).toBe(0xffff);
  const names = files.reduce((sum, file) => sum + file.name.length, 0);
  expect(zip.getUint32(end + 12, true)).toBe(number * ENTRY_SIZE + names);
}, 300_000);

it("writes formulas as text", () => {
  expect(csv([["=1+1", 'say "hi"'], ["-2", "plain"]])).toBe(`"'=1+1","say ""hi"""\n"'-2","plain"`);
});
