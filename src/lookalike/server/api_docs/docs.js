// Lays out /openapi.json as a list of routes, each with a form that tries it.

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

const WITHOUT_BODY = ["get", "delete"];
const JSON_TYPE = "application/json";
const FORM_TYPE = "multipart/form-data";

function field(name, control) {
  const label = make("label", name);
  label.append(control);
  return label;
}

/** The body as the route takes it: JSON to edit, fields and files, or a file. */
function bodyControl(content, components) {
  if (content[JSON_TYPE]) {
    const control = make("textarea", "{}");
    control.rows = 4;
    return { label: "body", control, read: () => ({ body: control.value, type: JSON_TYPE }) };
  }
  const file = Object.assign(document.createElement("input"), { type: "file" });
  if (content[FORM_TYPE]) {
    const properties = resolved(content[FORM_TYPE].schema, components)?.properties ?? {};
    const name = "image" in properties ? "image" : Object.keys(properties)[0];
    return { label: name, control: file, read: () => {
      const form = new FormData();
      if (file.files[0]) form.set(name, file.files[0]);
      return { body: form };
    } };
  }
  return { label: "file", control: file, read: () => ({ body: file.files[0] ?? "", type: Object.keys(content)[0] }) };
}

function trial(method, path, operation, components) {
  const details = make("details");
  const form = make("form");
  const answer = make("pre");
  answer.hidden = true;
  answer.setAttribute("role", "status");
  const inputs = (operation.parameters ?? []).filter((p) => p.in !== "header").map((parameter) => {
    const input = document.createElement("input");
    input.required = Boolean(parameter.required);
    form.append(field(parameter.name, input));
    return { parameter, input };
  });
  const content = operation.requestBody?.content;
  const body = content && !WITHOUT_BODY.includes(method) ? bodyControl(content, components) : null;
  if (body) form.append(field(body.label, body.control));
  form.append(make("button", "Send"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    let address = path;
    for (const { parameter, input } of inputs) {
      if (parameter.in === "path") address = address.replace(`{${parameter.name}}`, encodeURIComponent(input.value));
      else if (input.value) query.append(parameter.name, input.value);
    }
    if (query.size) address += `?${query}`;
    const { body: sent, type } = body?.read() ?? {};
    const key = document.getElementById("key").value;
    const headers = { ...(type ? { "Content-Type": type } : {}), ...(key ? { Authorization: `Bearer ${key}` } : {}) };
    answer.hidden = false;
    answer.textContent = "…";
    try {
      const response = await fetch(address, { method: method.toUpperCase(), headers, body: sent });
      const said = await response.text();
      const json = response.headers.get("Content-Type")?.includes("json");
      answer.textContent = `${response.status} ${response.statusText}\n${json ? JSON.stringify(JSON.parse(said), null, 2) : said}`;
    } catch (error) {
      answer.textContent = `The server does not answer (${error.message}). Start it and send again.`;
    }
  });
  details.append(make("summary", "Try it"), form, answer);
  return details;
}

function route(method, path, operation, components) {
  const section = make("section", "", "route");
  section.append(make("h2", `${method.toUpperCase()} ${path}`), make("p", operation.description ?? operation.summary));
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
  section.append(make("p", "Responses", "quiet"), table(answers), trial(method, path, operation, components));
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
