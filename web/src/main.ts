import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { searching } from "./searching.svelte";
import { look } from "./theme.svelte";

look.apply();
void searching.follow();

const target = document.getElementById("app");
if (target) mount(App, { target });
