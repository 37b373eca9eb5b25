// What the browser tests share: the browser, and the page of a master.
//
//   LOCUST_PAGE_URL   the address of a real master's page, with workers; else a made-up master serves
//   LOCUST_PAGE_DIR   the page that master/web/ui/build.py built (default: build/page)
//   LOCUST_PAGE_HOST  what a test's host is set to
//   LOCUST_PAGE_USER, LOCUST_PAGE_PASSWORD  who logs in, if the real master asks for it
//   CHROMIUM          the browser (default: /usr/bin/chromium)
//   LOCUST_ARTIFACTS  where screenshots are kept (default: build/page-artifacts)
import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { MockMaster } from "./mock_master.mjs";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");
const environment = process.env;

export const realMaster = environment.LOCUST_PAGE_URL ?? null;
export const realLogin = environment.LOCUST_PAGE_USER
  ? { user: environment.LOCUST_PAGE_USER, password: environment.LOCUST_PAGE_PASSWORD ?? "" }
  : null;
export const builtPage = environment.LOCUST_PAGE_DIR ?? join(root, "build", "page");
export const targetHost = environment.LOCUST_PAGE_HOST ?? "http://127.0.0.1:8080";
// What must happen has happened by then.
export const patience = 15_000;

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export function artifact(name) {
  const folder = environment.LOCUST_ARTIFACTS ?? join(root, "build", "page-artifacts");
  mkdirSync(folder, { recursive: true });
  return join(folder, name);
}

export async function openBrowser() {
  const browser = await chromium.launch({
    executablePath: environment.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu"],
  });
  return browser;
}

// A page in a browser of its own that remembers nothing. `faults` collects what a page must never do:
// errors in its script, and breaches of the content security policy.
export async function openPage(browser, address, options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    ignoreHTTPSErrors: true,
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patience);
  const faults = [];
  page.on("pageerror", (error) => faults.push(String(error)));
  page.on("console", (message) => {
    const isNetwork = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isNetwork) faults.push(message.text());
  });
  page.on("dialog", (dialog) => {
    faults.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  if (realMaster && realLogin && new URL(page.url()).pathname.endsWith("/login")) await logIn(page, realLogin);
  return { page, faults, close: () => context.close() };
}

export async function logIn(page, { user, password }) {
  await page.getByLabel("Username").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
}

// The address of a page, and what ends it: the real master's, else that of a made-up one.
export async function openMaster(options = {}) {
  if (realMaster && Object.keys(options).length === 0) return { address: realMaster, mock: null, stop: async () => {} };
  const { seconds = 0, ...run } = options;
  const mock = new MockMaster({ page: builtPage, ...run });
  if (seconds > 0) mock.fill(seconds);
  return { mock, address: await mock.start(), stop: () => mock.stop() };
}

// The report of a master's last run.
export async function reportOf({ address, mock }) {
  return mock ? mock.reportHtml() : (await fetch(new URL("stats/report", address))).text();
}

// Fills in the form, whichever way it is open, and sends it.
export async function sendForm(page, { users, rate }) {
  const form = page.locator("form");
  await form.getByLabel("Number of users (peak concurrency)").fill(String(users));
  await form.getByLabel("Ramp up (users started/second)").fill(String(rate));
  await form.getByLabel("Host").fill(targetHost);
  await form.locator("button[type=submit]").click();
}

// Starts a test from the form of the first start, or from New.
export async function startTest(page, values) {
  const fresh = page.getByRole("button", { name: "New", exact: true });
  const start = page.getByRole("button", { name: "Start", exact: true });
  await start.or(fresh).first().waitFor();
  if (await fresh.isVisible()) await fresh.click();
  await sendForm(page, values);
  await figure(page, "Status", (text) => text === "Running" || text === "Spawning");
}

export async function openTab(page, name) {
  await page.getByRole("tab", { name }).click();
  await page.getByRole("tabpanel").waitFor();
}

export async function downloadEverything(page) {
  await openTab(page, "Download Data");
  const links = page.getByRole("tabpanel").locator("a:not([target])");
  assert.ok((await links.count()) >= 5);
  for (const link of await links.all()) {
    const [download] = await Promise.all([page.waitForEvent("download"), link.click()]);
    assert.ok(readFileSync(await download.path()).length > 0, await link.innerText());
    assert.match(download.suggestedFilename(), /\.(csv|html|json)$/);
  }
}

// Waits until the figure `name` of the head satisfies `holds`, and gives its text.
export async function figure(page, name, holds) {
  const place = page.locator(".figures > div", { has: page.locator("dt", { hasText: new RegExp(`^${name}$`) }) });
  const deadline = Date.now() + patience;
  for (;;) {
    const text = (await place.locator("dd").innerText()).trim();
    if (holds(text)) return text;
    assert.ok(Date.now() < deadline, `${name} is still ${text}`);
    await page.waitForTimeout(100);
  }
}

// Faults that axe calls serious or critical.
export async function seriousFaults(page) {
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  return result.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}
