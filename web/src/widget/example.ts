// The example shows the lookalikes of whatever this catalog has first.
const first = (await (await fetch("/v1/products?limit=1")).json()) as { products?: { id: string }[] };
const id = first.products?.[0]?.id;
if (id) document.querySelector("lookalike-similar")?.setAttribute("product", id);

export {};
