import "./ui/tokens.css";
import "./ui/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { shop } from "./api/shop.svelte";
import { session } from "./search/search.svelte";
import { look } from "./ui/theme.svelte";

look.apply();
await shop.apply();
void session.follow();

const target = document.getElementById("app");
if (target) mount(App, { target });
