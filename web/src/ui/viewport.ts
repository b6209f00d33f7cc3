import { MediaQuery } from "svelte/reactivity";

/** Too narrow for a column of filters beside the results. The same width as in the style sheets. */
export const narrow = new MediaQuery("max-width: 60rem");

/** A phone held upright. */
export const phone = new MediaQuery("max-width: 40rem");
