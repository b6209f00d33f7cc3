import "./ui/tokens.css";
import "./ui/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { Problem } from "./api/http";
import { shop } from "./api/shop.svelte";
import { session } from "./search/search.svelte";
import { look } from "./ui/theme.svelte";

look.apply();
await shop.apply();
shop.load().catch((error: unknown) => {
  // Every page reports a server that does not answer, or asks for the key.
  if (!(error instanceof Problem)) throw error;
});
void session.follow();

const target = document.getElementById("app");
if (target) mount(App, { target });
