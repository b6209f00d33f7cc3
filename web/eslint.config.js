import svelte from "eslint-plugin-svelte";
import globals from "globals";
import typescript from "typescript-eslint";

export default typescript.config(
  { ignores: ["src/api/schema.d.ts", "node_modules"] },
  ...typescript.configs.strict,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: globals.browser },
    rules: {
      // The compiler checks types. These rules find what it does not.
      "@typescript-eslint/explicit-function-return-type": ["error", { allowExpressions: true }],
      "no-console": ["error", { allow: ["warn"] }],
      eqeqeq: "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      // svelte-check reports these warnings, and comments that silence none.
      "svelte/no-unused-svelte-ignore": "off",
      // Caches and sets of listeners are read by code alone.
      "svelte/prefer-svelte-reactivity": "off",
      // The application has a router of its own, which keeps plain links inside.
      "svelte/no-navigation-without-resolve": "off",
    },
  },
  {
    files: ["**/*.svelte", "**/*.svelte.ts"],
    languageOptions: { parserOptions: { parser: typescript.parser } },
  },
);
