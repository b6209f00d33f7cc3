// The search page: a photo or words in, a grid of products out.

const $ = (id) => document.getElementById(id);
let photo = null;
let running = null;

async function call(path, options) {
  const response = await fetch(path, options);
  const body = await response.json();
  if (!response.ok) throw new Error(body.detail);
  return body;
}

async function search(fields) {
  running?.abort();
  running = new AbortController();
  $("samples").hidden = true;
  say("Searching…");
  const form = new FormData();
  for (const [name, value] of Object.entries({ k: 24, ...fields })) form.append(name, value);
  try {
    show(await call("/v1/search", { method: "POST", body: form, signal: running.signal }));
  } catch (error) {
    if (error.name !== "AbortError") say(error.message, true);
  }
}

function ask() {
  const text = $("text").value.trim();
  if (!photo && !text) return say("Drop a photo, or type some words.", true);
  return search({ ...(photo && { image: photo }), ...(text && { text }) });
}

function take(file) {
  if (!file) return;
  photo = file;
  URL.revokeObjectURL($("asked").src);
  $("asked").src = URL.createObjectURL(file);
  $("asked").hidden = false;
  $("hint").hidden = true;
  $("clear").hidden = false;
  ask();
}

function clear() {
  photo = null;
  $("asked").hidden = true;
  $("hint").hidden = false;
  $("clear").hidden = true;
  $("file").value = "";
}

function say(words, failed = false) {
  $("status").textContent = words;
  $("status").classList.toggle("failed", failed);
  if (failed) $("hits").replaceChildren();
}

function show(results) {
  const found = results.hits.length;
  say(found ? `${found} of ${results.total} products, in ${Math.round(results.took_ms)} ms` : "Nothing looks or reads like that.");
  $("hits").replaceChildren(...results.hits.map(card));
}

function card(hit) {
  const item = $("hit").content.cloneNode(true);
  if (hit.photo) item.querySelector("img").src = `/v1/photos/${hit.photo}`;
  item.querySelector("button").ariaLabel = `More like ${hit.title}`;
  item.querySelector("button").onclick = () => { clear(); $("text").value = ""; search({ product: hit.id }); };
  item.querySelector("h3").textContent = hit.title;
  item.querySelector(".price").textContent = hit.price === null ? "" : `${hit.price.toFixed(2)} ${hit.currency}`;
  const parts = Object.entries(hit.parts).map(([name, value]) => `${name} ${value.toFixed(2)}`);
  item.querySelector(".score").textContent = `${hit.score.toFixed(2)} · ${parts.join(" · ")}`;
  return item;
}

async function begin() {
  const [shop, { samples }] = await Promise.all([call("/v1/catalog"), call("/v1/samples")]);
  $("about").textContent = `${shop.products} products, recipe ${shop.recipe.name}`;
  $("samples").hidden = samples.length === 0;
  $("samples").querySelector("ul").replaceChildren(...samples.map(sample));
}

function sample({ title, url }) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  const image = new Image();
  Object.assign(button, { type: "button", className: "photo", ariaLabel: title });
  Object.assign(image, { src: url, alt: title, loading: "lazy", width: 96, height: 96 });
  button.onclick = async () => take(await (await fetch(url)).blob());
  button.append(image);
  item.append(button);
  return item;
}

$("ask").onsubmit = (event) => { event.preventDefault(); ask(); };
$("file").onchange = () => take($("file").files[0]);
$("clear").onclick = () => { clear(); if ($("text").value) ask(); };
$("drop").ondragover = (event) => { event.preventDefault(); $("drop").classList.add("over"); };
$("drop").ondragleave = () => $("drop").classList.remove("over");
$("drop").ondrop = (event) => {
  event.preventDefault();
  $("drop").classList.remove("over");
  take(event.dataTransfer.files[0]);
};
addEventListener("paste", (event) => take(event.clipboardData.files[0]));
begin().catch((error) => say(error.message, true));
