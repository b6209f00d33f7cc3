import "./ui/tokens.css";
import "./ui/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { searching } from "./search/search.svelte";
import { look } from "./ui/theme.svelte";

look.apply();
void searching.follow();

const target = document.getElementById("app");
if (target) mount(App, { target });
