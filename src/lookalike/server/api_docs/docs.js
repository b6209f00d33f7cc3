// Lays out /openapi.json as a list of routes.

const make = (tag, text, className = "") => Object.assign(document.createElement(tag), { textContent: text, className });

function kind(schema = {}) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return schema.anyOf.map(kind).join(" | ");
  if (schema.type === "array") return `${kind(schema.items)}[]`;
  return schema.format ?? schema.type ?? "any";
}

function table(rows) {
  const body = make("table", "");
  for (const cells of rows) {
    const row = body.insertRow();
    for (const cell of cells) row.insertCell().textContent = cell;
  }
  return body;
}

function resolved(schema, components) {
  return schema.$ref ? components[schema.$ref.split("/").pop()] : schema;
}

function route(method, path, operation, components) {
  const section = make("section", "", "route");
  section.append(make("h3", `${method.toUpperCase()} ${path}`), make("p", operation.description ?? operation.summary));
  const parameters = (operation.parameters ?? []).filter((p) => p.in !== "header");
  if (parameters.length) section.append(table(parameters.map((p) => [p.name, kind(p.schema), p.description ?? ""])));
  for (const [type, { schema }] of Object.entries(operation.requestBody?.content ?? {})) {
    const fields = Object.entries(resolved(schema, components)?.properties ?? {});
    section.append(make("p", type, "quiet"));
    section.append(table(fields.map(([name, field]) => [name, kind(field), field.description ?? ""])));
  }
  const answers = Object.entries(operation.responses).map(([status, answer]) => {
    const content = Object.values(answer.content ?? {})[0];
    return [status, content ? kind(content.schema) : "", answer.description];
  });
  section.append(make("p", "Responses", "quiet"), table(answers));
  return section;
}

const response = await fetch("/openapi.json");
const { paths, components } = await response.json();
const routes = Object.entries(paths).flatMap(([path, operations]) =>
  Object.entries(operations).map(([method, operation]) => route(method, path, operation, components.schemas)),
);
const example = make("pre", [
  `curl -F image=@photo.jpg -F 'where={"gender": "Women"}' ${location.origin}/v1/search`,
  `curl '${location.origin}/v1/search?text=navy+blue+shirt&k=5'`,
].join("\n"));
document.getElementById("routes").replaceChildren(example, ...routes);
