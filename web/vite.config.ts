import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig, type Plugin } from "vite";

const PAGES = process.env["LOOKALIKE_PAGES"] ?? "../src/lookalike/server/pages";

/** Packs scripts and styles once, so that the server need not do it at every request. */
function packed(): Plugin {
  return {
    name: "packed",
    closeBundle() {
      for (const entry of readdirSync(PAGES, { recursive: true, withFileTypes: true })) {
        if (!entry.isFile() || !/\.(js|css|svg|html)$/.test(entry.name)) continue;
        const file = join(entry.parentPath, entry.name);
        writeFileSync(`${file}.gz`, gzipSync(readFileSync(file), { level: 9 }));
      }
    },
  };
}

export default defineConfig(({ mode }) => ({
  plugins: [svelte(), packed()],
  publicDir: mode === "widget" ? false : "public",
  build: {
    outDir: PAGES,
    emptyOutDir: mode !== "widget",
    target: "es2022",
    // The content security policy refuses fonts and pictures inside style sheets.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    ...(mode === "widget"
      ? { lib: { entry: "src/widget/widget.ts", formats: ["iife"], name: "Lookalike", fileName: () => "widget.js" } }
      : { rolldownOptions: { input: ["index.html", "widget.html"] } }),
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8080" } },
}));
