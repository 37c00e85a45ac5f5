// The interface's own documentation, from its OpenAPI description.

import {h} from "./dom.js";

const main = document.getElementById("main");
const description = await (await fetch("/api/v1/openapi.json")).json();
const schemas = description.components?.schemas ?? {};
const named = (schema) => schema?.$ref?.split("/").at(-1);

function type(schema) {
  if (!schema) return "";
  if (named(schema)) return named(schema);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.anyOf) return schema.anyOf.map(type).filter((text) => text !== "null").join(" | ");
  if (schema.type === "array") return `[${type(schema.items) || "…"}]`;
  if (schema.type === "object" && schema.additionalProperties) return `{name: ${type(schema.additionalProperties) || "…"}}`;
  return schema.type ?? "";
}
const bounds = (schema) => {
  const bound = (schema?.anyOf ?? [schema]).find((entry) => entry && entry.type !== "null") ?? {};
  return [["minimum", "at least"], ["maximum", "at most"], ["exclusiveMaximum", "below"]].filter(([key]) => key in bound).map(([key, words]) => `${words} ${bound[key]}`).join(", ");
};

function row(name, schema, required, text) {
  const usual = schema?.default !== undefined && schema.default !== null ? `${JSON.stringify(schema.default)} unless given` : "";
  return h("tr", {}, h("th", {scope: "row"}, h("code", {}, name), required ? "" : h("span", {class: "soft"}, " optional")), h("td", {}, h("code", {}, type(schema))),
    h("td", {}, [text ?? schema?.description, bounds(schema), usual].filter(Boolean).join("; ")));
}
const rows = (schema) => Object.entries(schema.properties ?? {}).map(([name, inner]) => row(name, inner, schema.required?.includes(name)));
const inTable = (content) => h("div", {class: "scroll"}, h("table", {class: "members"}, h("tbody", {}, content)));

function operation(path, method, about) {
  const parameters = (about.parameters ?? []).map((entry) => row(entry.name, entry.schema, entry.required, entry.description ?? entry.schema.description));
  const [kind, body] = Object.entries(about.requestBody?.content ?? {})[0] ?? [];
  const answer = Object.entries(about.responses ?? {}).find(([status]) => status.startsWith("2"));
  const [answerKind, answerBody] = Object.entries(answer?.[1].content ?? {})[0] ?? ["", null];
  const [first, ...rest] = about.description.split("\n\n");
  return h("article", {class: "operation", id: about.operationId}, h("h3", {}, h("span", {class: `verb ${method}`}, method.toUpperCase()), " ", h("code", {}, path)),
    h("p", {}, first), ...rest.map((text) => h("p", {class: "small"}, text)),
    parameters.length ? [h("h4", {}, "Parameters"), inTable(parameters)] : [],
    body ? [h("h4", {}, "Body: ", named(body.schema) ?? kind), schemas[named(body.schema)] ? inTable(rows(schemas[named(body.schema)])) : h("p", {class: "small"}, body.schema.description ?? "")] : [],
    h("p", {class: "small"}, "Answer: ", h("code", {}, named(answerBody?.schema) ?? answerKind.replace("application/json", "JSON"))));
}

const groups = {};
for (const [path, methods] of Object.entries(description.paths))
  for (const [method, about] of Object.entries(methods)) (groups[about.tags?.[0] ?? "other"] ??= []).push(operation(path, method, about));
const example = `curl -s ${location.origin}/api/v1/runs
curl -s ${location.origin}/api/v1/runs/RUN/edit -H 'content-type: application/json' \\
  -d '{"picture": {"split": "val", "index": 0}, "changes": {"Smiling": 3}}' -o edited.png`;
main.replaceChildren(h("h1", {}, "HTTP interface, version 1"), h("p", {class: "lead"}, description.info.description), h("pre", {tabindex: "0"}, example),
  h("p", {class: "small"}, "The same as ", h("a", {href: "/api/v1/openapi.json"}, "an OpenAPI description"), ". RUN is the id of a run, as the first address lists it."),
  ...Object.entries(groups).flatMap(([name, operations]) => [h("h2", {}, name[0].toUpperCase() + name.slice(1)), ...operations]),
  h("h2", {}, "Objects"), ...Object.entries(schemas).filter(([, schema]) => schema.properties && !/Validation/.test(schema.title)).map(([name, schema]) =>
    h("article", {class: "operation"}, h("h3", {}, h("code", {}, name)), h("p", {class: "small"}, schema.description ?? ""), inTable(rows(schema)))));
