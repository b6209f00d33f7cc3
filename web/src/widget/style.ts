/** What the widget looks like; a shop changes it by the custom properties on the element. */
export const STYLE = `
:host {
  display: block;
  color: var(--lookalike-ink, inherit);
  font: inherit;
}
ul {
  display: grid;
  grid-template-columns: repeat(auto-fill, minmax(min(45%, 9.5rem), 1fr));
  gap: 1.25rem 1rem;
  margin: 0;
  padding: 0;
  list-style: none;
}
a {
  display: grid;
  gap: 0.25rem;
  color: inherit;
  font-size: 0.9375em;
  line-height: 1.35;
  text-decoration: none;
}
a:hover > span:last-of-type {
  text-decoration: underline;
}
small {
  opacity: 0.75;
}
.picture {
  aspect-ratio: 1;
  overflow: hidden;
  border-radius: var(--lookalike-radius, 12px);
  background: var(--lookalike-plate, #f3f3f0);
}
img {
  display: block;
  width: 100%;
  height: 100%;
  object-fit: contain;
  mix-blend-mode: multiply;
}
form {
  display: flex;
  flex-wrap: wrap;
  gap: 0.5rem;
  margin-bottom: 1rem;
}
input[type="search"] {
  flex: 1 1 12rem;
  min-width: 0;
}
input[type="search"],
label,
button {
  box-sizing: border-box;
  min-height: 2.5rem;
  padding: 0.4rem 0.9rem;
  border: 1px solid currentColor;
  border-radius: 999px;
  background: none;
  color: inherit;
  font: inherit;
  line-height: 1.6;
  cursor: pointer;
}
input[type="file"] {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
}
:focus-visible,
label:focus-within {
  outline: 2px solid currentColor;
  outline-offset: 2px;
}
p {
  margin: 0 0 0.75rem;
}
p:empty {
  display: none;
}
`;
