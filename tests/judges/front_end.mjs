// node front_end.mjs FOLDER SCHEMA PUBLISHED [JUDGE…]
// What the tools of front ends say of a schema: graphql-codegen with tsc --strict, relay-compiler, graphql-eslint, and
// graphql-inspector against the schema as it was published. Prints one JSON object: by tool, what it has to complain about.
import { spawn } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { generate } from "@graphql-codegen/cli";
import graphqlPlugin from "@graphql-eslint/eslint-plugin";
import { CriticalityLevel, diff } from "@graphql-inspector/core";
import { ESLint } from "eslint";
import { buildSchema, isObjectType } from "graphql";

const [here, schema, published, ...asked] = process.argv.slice(2);
const require = createRequire(import.meta.url);

function run(program, args, cwd) {
  return new Promise((done) => {
    const child = spawn(process.execPath, [program, ...args], { cwd });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (said += text));
    child.on("close", (code) => done(code === 0 ? [] : [said.trim() || `exit code ${code}`]));
  });
}

async function codegen() {
  const target = join(here, "client", "generated/");
  await rm(target, { recursive: true, force: true });
  const config = {
    schema,
    documents: [join(here, "client", "*.ts")],
    silent: true,
    generates: {
      [target]: {
        preset: "client",
        presetConfig: { fragmentMasking: { unmaskFunctionName: "useFragment" } },
        config: { documentMode: "string", emitLegacyCommonJSImports: false, strictScalars: true, scalars: { DateTime: "string", JSON: "unknown" }, enumsAsTypes: true },
      },
    },
  };
  await generate(config, true);
  return run(join(dirname(require.resolve("typescript/package.json")), "bin", "tsc"), ["-p", "tsconfig.json"], here);
}

async function relay() {
  await mkdir(join(here, "relay", "__generated__"), { recursive: true });
  const config = { src: "relay", schema, language: "typescript", eagerEsModules: true, noFutureProofEnums: true };
  config.customScalarTypes = { DateTime: "string", JSON: "unknown" };
  config.artifactDirectory = "relay/__generated__";
  await writeFile(join(here, "relay.config.json"), JSON.stringify(config));
  return run(require.resolve("relay-compiler/cli.js"), ["--noWatchman", "relay.config.json"], here);
}

async function lint() {
  const { configs } = graphqlPlugin;
  const rules = { ...configs["flat/schema-recommended"].rules, ...configs["flat/schema-relay"].rules };
  rules["@graphql-eslint/strict-id-in-types"] = ["error", { exceptions: { types: await values() } }];
  // Short lists need no pages, and a version of the settings has a number rather than an id.
  const edges = { listTypeCanWrapOnlyEdgeType: false, shouldImplementNode: false, withEdgeSuffix: true };
  rules["@graphql-eslint/relay-edge-types"] = ["error", edges];
  // Relay asks for one direction at least.
  rules["@graphql-eslint/relay-arguments"] = ["error", { includeBoth: false }];
  // @oneOf is GraphQL's own; it is printed for tools that do not know it yet.
  const [severity, described] = rules["@graphql-eslint/require-description"];
  rules["@graphql-eslint/require-description"] = [severity, { ...described, DirectiveDefinition: false }];
  const eslint = new ESLint({
    cwd: dirname(schema),
    overrideConfigFile: true,
    overrideConfig: [
      {
        files: ["**/*.graphql"],
        plugins: { "@graphql-eslint": graphqlPlugin },
        languageOptions: { parser: graphqlPlugin.parser, parserOptions: { graphQLConfig: { schema } } },
        rules,
      },
    ],
  });
  const [result] = await eslint.lintFiles([schema]);
  return result.messages.map((each) => `${each.line}: ${each.ruleId}: ${each.message}`);
}

// What has no id of its own: only what a node is reached by needs one.
async function values() {
  const types = Object.values(buildSchema(await readFile(schema, "utf8")).getTypeMap());
  return types.filter((each) => isObjectType(each) && each.getInterfaces().length === 0).map((each) => each.name);
}

async function inspect() {
  const [before, after] = await Promise.all([published, schema].map((path) => readFile(path, "utf8")));
  const changes = await diff(buildSchema(before), buildSchema(after));
  return changes
    .filter((each) => each.criticality.level === CriticalityLevel.Breaking)
    .map((each) => `${each.path}: ${each.message}`);
}

const judges = { codegen, relay, lint, inspect };
const said = {};
for (const [name, judge] of Object.entries(judges)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  try {
    said[name] = await judge();
  } catch (error) {
    said[name] = [String(error?.message ?? error), ...(error?.errors ?? []).map(String)];
  }
}
console.log(JSON.stringify(said));
