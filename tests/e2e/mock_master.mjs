// A master that tests nothing, for developing and testing the page: serves what build.py made and a
// made-up run, with the addresses of the real master.
//
//   node mock_master.mjs PAGE-DIR [--port N] [--names N] [--workers N] [--hours H]
//
// --hours H begins with a test that has been running for so long.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { MockRun } from "./mock_run.mjs";

const types = { ".html": "text/html", ".js": "text/javascript", ".css": "text/css" };
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'";

const csvFiles = {
  "/stats/requests/csv": "requests",
  "/stats/failures/csv": "failures",
  "/exceptions/csv": "exceptions",
  "/stats/requests_full_history/csv": "requests_full_history",
};

async function bodyOf(request) {
  let body = "";
  for await (const piece of request) body += piece;
  return body;
}

export class MockMaster {
  // `login` is {user, password}, or null for a page without login.
  constructor({ page, basePath = "", login = null, ...run }) {
    this.page = page;
    this.basePath = basePath;
    this.login = login;
    this.csrf = login ? randomUUID() : null;
    // The tokens of those who are logged in.
    this.sessions = new Set();
    this.run = new MockRun(run);
    this.streams = new Set();
    this.sockets = new Set();
    // Tells the browser tests what the page sent.
    this.commands = [];
  }

  // The address of the page, once it answers.
  async start(port = 0) {
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.on("connection", (socket) => {
      this.sockets.add(socket);
      socket.on("close", () => this.sockets.delete(socket));
    });
    await new Promise((resolve) => this.server.listen(port, "127.0.0.1", resolve));
    this.timer = setInterval(() => this.second(), 1000);
    this.port = this.server.address().port;
    return `http://127.0.0.1:${this.port}${this.basePath}/`;
  }

  async stop() {
    clearInterval(this.timer);
    for (const socket of this.sockets) socket.destroy();
    this.streams.clear();
    await new Promise((resolve) => this.server.close(resolve));
  }

  // Whole seconds, as the master's history has them.
  now() {
    return Math.floor(Date.now() / 1000);
  }

  second() {
    this.run.advance(this.now());
    for (const stream of this.streams) this.tick(stream);
  }

  tick(stream) {
    stream.write(`event: tick\ndata: ${JSON.stringify(this.run.tick(Date.now() / 1000))}\n\n`);
  }

  // A test that has been running for `seconds`.
  fill(seconds) {
    const begin = this.now() - seconds;
    this.run.swarm(new URLSearchParams("user_count=400&spawn_rate=2&host=http://127.0.0.1:8080"), begin);
    for (let second = 1; second <= seconds; ++second) this.run.advance(begin + second);
  }

  answer(request, response) {
    const url = new URL(request.url, "http://master");
    if (!url.pathname.startsWith(`${this.basePath}/`)) return this.send(response, 404, "text/plain", "no");
    const path = url.pathname.slice(this.basePath.length);
    if (path === "/login") return this.logIn(request, response);
    const refusal = this.refusal(request, path);
    if (refusal) {
      response.writeHead(refusal, path === "/" ? { Location: "login" } : {});
      return response.end();
    }
    if (path === "/api/v1/events") return this.stream(request, response);
    const collection = this.collection(path, url);
    if (collection) return this.json(response, collection);
    if (path in csvFiles) return this.download(response, "text/csv", `${csvFiles[path]}.csv`, "Type,Name\r\n");
    switch (path) {
      case "/swarm":
        return this.swarm(request, response);
      case "/stop":
        this.run.stop(this.now());
        return this.json(response, { success: true, message: "Test stopped" });
      case "/stats/reset":
        this.run.clear();
        this.run.mark("reset", "", this.now());
        return this.send(response, 200, "text/plain", "ok");
      case "/stats/report":
        return this.report(response, url.searchParams.has("download"));
      case "/logout":
        this.sessions.delete(this.sessionOf(request));
        return this.send(response, 200, "text/plain", "");
      case "/api/v1/run.json":
        return this.download(response, "application/json", "run.json", "{}");
      default:
        return this.file(response, path === "/" ? "/index.html" : path);
    }
  }

  sessionOf(request) {
    return /session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
  }

  // The status that says no, undefined if the request may pass.
  refusal(request, path) {
    if (!this.login || path.startsWith("/assets/")) return undefined;
    if (!this.sessions.has(this.sessionOf(request))) return path === "/" ? 302 : 401;
    const isCommand = ["/swarm", "/stop", "/stats/reset", "/logout"].includes(path);
    const isProven = request.method === "POST" && request.headers["x-csrf-token"] === this.csrf;
    return isCommand && !isProven ? 403 : undefined;
  }

  async logIn(request, response) {
    if (request.method !== "POST") return this.loginPage(response, "");
    const fields = new URLSearchParams(await bodyOf(request));
    const { user, password } = this.login;
    if (fields.get("username") !== user || fields.get("password") !== password || fields.get("csrf") !== this.csrf) {
      return this.loginPage(response, "Wrong username or password");
    }
    const session = randomUUID();
    this.sessions.add(session);
    response.writeHead(303, { Location: "./", "Set-Cookie": `session=${session}; HttpOnly; SameSite=Strict` });
    response.end();
  }

  collection(path, url) {
    const { versions } = this.run.tick(0);
    const now = this.now();
    switch (path) {
      case "/api/v1/entries":
        return this.run.entries(now);
      case "/api/v1/failures":
        return this.run.failureList(versions.failures);
      case "/api/v1/exceptions":
        return this.run.exceptions(versions.exceptions);
      case "/api/v1/workers":
        return this.run.workers(now);
      case "/api/v1/logs":
        return this.run.logs(1);
      case "/api/v1/tasks":
        return this.run.tasks(1);
      case "/api/v1/form":
        return { ...this.run.formAnswer(), login: { user: this.login?.user ?? null }, csrf: this.csrf };
      case "/api/v1/history": {
        const after = url.searchParams.get("after");
        return this.run.history(versions.history, after === null ? null : Number(after));
      }
      default:
        return null;
    }
  }

  stream(request, response) {
    response.writeHead(200, { "Content-Type": "text/event-stream", "Cache-Control": "no-store" });
    this.streams.add(response);
    request.on("close", () => this.streams.delete(response));
    this.tick(response);
  }

  async swarm(request, response) {
    const body = await bodyOf(request);
    const fields = new URLSearchParams(body);
    this.commands.push(body);
    if (fields.get("host") === "refuse") {
      return this.json(response, { success: false, message: "This host is refused <b>", host: "refuse" });
    }
    this.run.swarm(fields, this.now());
    this.json(response, { success: true, message: "Swarming started", host: this.run.host });
  }

  // As the master does it: "<" never appears in the data.
  reportHtml() {
    const data = JSON.stringify(this.run.report(Date.now() / 1000)).replaceAll("<", "\\u003c");
    return readFileSync(join(this.page, "report.html"), "utf8").replace('"__LOCUST_REPORT__"', () => data);
  }

  report(response, isDownload) {
    const html = this.reportHtml();
    if (isDownload) return this.download(response, "text/html", "Locust_report.html", html);
    response.writeHead(200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(html);
  }

  loginPage(response, error) {
    const html = readFileSync(join(this.page, "login.html"), "utf8");
    this.send(response, 200, "text/html", html.replace("{{error}}", error).replace("{{csrf}}", this.csrf ?? ""));
  }

  file(response, path) {
    const file = join(this.page, normalize(path));
    try {
      this.send(response, 200, types[extname(file)] ?? "application/octet-stream", readFileSync(file));
    } catch {
      this.send(response, 404, "text/plain", "not found");
    }
  }

  download(response, type, name, text) {
    response.writeHead(200, { "Content-Type": type, "Content-Disposition": `attachment;filename=${name}` });
    response.end(text);
  }

  json(response, value) {
    this.send(response, 200, "application/json", JSON.stringify(value));
  }

  send(response, status, type, body) {
    response.writeHead(status, { "Content-Type": `${type}; charset=utf-8`, "Content-Security-Policy": policy });
    response.end(body);
  }
}

async function main() {
  const number = (text) => (text === undefined ? undefined : Number(text));
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: "string", default: "8089" },
      names: { type: "string" },
      workers: { type: "string" },
      hours: { type: "string" },
    },
  });
  const [page] = positionals;
  if (!page) {
    console.error("usage: node mock_master.mjs PAGE-DIR [--port N] [--names N] [--workers N] [--hours H]");
    process.exit(2);
  }
  const master = new MockMaster({ page, names: number(values.names), workers: number(values.workers) });
  if (values.hours) master.fill(Number(values.hours) * 3600);
  console.log(await master.start(Number(values.port)));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main();
