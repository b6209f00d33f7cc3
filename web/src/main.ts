import "./ui/tokens.css";
import "./ui/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { language } from "./i18n/i18n.svelte";
import { session } from "./search/search.svelte";
import { look } from "./ui/theme.svelte";

look.apply();
await language.use(navigator.languages);
void session.follow();

const target = document.getElementById("app");
if (target) mount(App, { target });
