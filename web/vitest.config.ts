import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [svelte()],
  // Runes work in .svelte.ts files under test, too.
  resolve: { conditions: ["browser"] },
  test: { include: ["tests/**/*.test.ts"], testTimeout: 60_000 },
});
