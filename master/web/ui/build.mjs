// node build.mjs OUT: bundles the page, the report and the login page into OUT: index.html, report.html
// (one self-contained file), login.html, and assets/, whose names change with their content.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));

// What we bundle is MIT licensed; the licence wants to be in every copy.
function licences() {
  const texts = ["preact", "uplot"].map((name) => {
    const text = readFileSync(join(here, "node_modules", name, "LICENSE"), "utf8");
    return `${name}\n\n${text.trim()}`;
  });
  return `/*!\n${texts.join("\n\n").replaceAll("*/", "* /")}\n*/`;
}

// The script and the style of an entry, as texts.
async function bundle(entry, banner = "") {
  const { outputFiles } = await build({
    absWorkingDir: here,
    entryPoints: [entry],
    outdir: "out",
    write: false,
    bundle: true,
    minify: true,
    format: "iife",
    target: ["chrome111", "firefox113", "safari16.2"],
    jsx: "automatic",
    jsxImportSource: "preact",
    define: { "process.env.NODE_ENV": '"production"' },
    banner: { js: banner },
    legalComments: "none",
    charset: "utf8",
    logLevel: "warning",
  });
  const text = (extension) => outputFiles.find(({ path }) => path.endsWith(extension))?.text.trim() ?? "";
  return { script: text(".js"), style: text(".css") };
}

function sha256(text, encoding) {
  return createHash("sha256").update(text).digest(encoding);
}

// The file with its @placeholders replaced, each by a text that is taken literally.
function fill(file, values) {
  const html = readFileSync(join(here, "html", file), "utf8");
  return html.replaceAll(/@(style|script-hash|script|theme)(?=["'<])/g, (_, name) => values[name]);
}

// Inside <script>, "</script" and "<!--" would end or change it.
function inlineScript(script) {
  return script.replaceAll("</script", "<\\/script").replaceAll("<!--", "\\x3c!--");
}

async function main(out) {
  const banner = licences();
  const [page, report, theme] = await Promise.all([
    bundle("src/main.tsx", banner),
    bundle("src/report_main.tsx", banner),
    bundle("src/theme.ts"),
  ]);
  rmSync(join(out, "assets"), { recursive: true, force: true });
  mkdirSync(join(out, "assets"), { recursive: true });
  const asset = (name, extension, text) => {
    const path = `assets/${name}-${sha256(text, "hex").slice(0, 10)}.${extension}`;
    writeFileSync(join(out, path), text);
    return path;
  };
  const assets = {
    style: asset("page", "css", page.style),
    script: asset("page", "js", page.script),
    theme: asset("theme", "js", theme.script),
  };
  writeFileSync(join(out, "index.html"), fill("index.html", assets));
  writeFileSync(join(out, "login.html"), fill("login.html", assets));
  const script = inlineScript(report.script);
  const inline = { style: report.style, script, "script-hash": `sha256-${sha256(script, "base64")}` };
  writeFileSync(join(out, "report.html"), fill("report.html", inline));
}

const out = process.argv[2];
if (!out) {
  console.error("usage: node build.mjs OUT");
  process.exit(2);
}
await main(out);
