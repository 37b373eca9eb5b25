// The report, as one opens it from disk.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { artifact, openBrowser, openMaster, openPage, realMaster, reportOf, seriousFaults } from "./harness.mjs";

let browser;
let file;

// Of the real master's last run, else of a made-up one.
before(async () => {
  browser = await openBrowser();
  file = artifact("report.html");
  const master = await openMaster(realMaster ? {} : { seconds: 1200 });
  master.mock?.run.stop(master.mock.now());
  writeFileSync(file, await reportOf(master));
  await master.stop();
});
after(async () => {
  await browser?.close();
});

test("it opens from disk, whole, with the network off", async () => {
  const { page, faults, close } = await openPage(browser, pathToFileURL(file).href, { offline: true });
  await page.getByRole("heading", { name: "Locust Test Report" }).waitFor();
  for (const name of ["Statistics", "Charts", "Failures", "Exceptions", "Task Ratio", "Workers", "Parameters"]) {
    await page.getByRole("heading", { name, exact: true }).waitFor();
  }
  assert.equal(await page.locator(".plot canvas").count(), 4);
  assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
  assert.deepEqual(faults, []);
  await close();
});

test("it says which hosts were tested, and by how many workers", async () => {
  const { page, close } = await openPage(browser, pathToFileURL(file).href);
  assert.match(await page.locator(".brand .hint").textContent(), /^https?:\/\//);
  const workers = page.locator(".figures div", { has: page.getByText("Workers", { exact: true }) });
  assert.notEqual(await workers.locator("dd").textContent(), "0");
  await close();
});

test("it asks for nothing from anywhere", () => {
  const html = readFileSync(file, "utf8");
  assert.doesNotMatch(html, /(src|href)="(?!data:|#)[^"@]*\/\//);
});

test("axe finds no serious fault, light or dark", async () => {
  for (const colorScheme of ["light", "dark"]) {
    const { page, close } = await openPage(browser, pathToFileURL(file).href, { colorScheme });
    await page.getByRole("heading", { name: "Parameters" }).waitFor();
    assert.deepEqual(await seriousFaults(page), [], colorScheme);
    await close();
  }
});

test("it prints", async () => {
  const { page, close } = await openPage(browser, pathToFileURL(file).href, { colorScheme: "dark" });
  await page.getByRole("heading", { name: "Parameters" }).waitFor();
  await page.pdf({ path: artifact("report.pdf"), format: "A4", printBackground: true });
  assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), "dark");
  await close();
});
