// One after the other: start from the form, watch, edit, stop, start again, download.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { downloadEverything, figure, openBrowser, openMaster, openPage, openTab, realMaster, sendForm, startTest } from "./harness.mjs";

let browser;
let master;
let opened;

before(async () => {
  browser = await openBrowser();
  master = await openMaster();
  opened = await openPage(browser, master.address);
});

after(async () => {
  await browser?.close();
  await master?.stop();
});

test("a test starts from the form and its numbers move", async () => {
  const { page } = opened;
  await startTest(page, { users: 10, rate: 5 });
  await figure(page, "Users", (text) => text === "10");
  await figure(page, "Status", (text) => text === "Running");
  await figure(page, "RPS", (text) => Number(text.replaceAll(",", "")) > 0);
  await openTab(page, "Statistics");
  const requests = page.locator("tfoot td").nth(1);
  const before = await requests.innerText();
  await page.waitForFunction((text) => document.querySelectorAll("tfoot td")[1]?.textContent !== text, before);
});

test("native and stock workers both run users", async () => {
  const { page } = opened;
  await openTab(page, "Workers");
  for (const kind of ["native", "stock"]) {
    const row = page.locator("tbody tr", { has: page.getByText(kind, { exact: true }) }).first();
    await row.locator("td.number").first().filter({ hasText: /[1-9]/ }).waitFor();
  }
});

test("a name tells of the phases that native workers measured", async () => {
  const { page } = opened;
  await openTab(page, "Statistics");
  await page.getByRole("button", { name: realMaster ? "/orders" : "/api/orders", exact: true }).click();
  const dialog = page.getByRole("dialog");
  // A worker looks names up in its first test only; later it keeps its addresses up to date beside the requests.
  for (const phase of ["Connect", "TLS handshake", "First byte"]) await dialog.getByText(phase).waitFor();
  await page.keyboard.press("Escape");
});

test("a running test is edited", async () => {
  const { page } = opened;
  await page.getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Edit running load test" });
  assert.equal(await dialog.getByLabel("Number of users (peak concurrency)").inputValue(), "10");
  await sendForm(page, { users: 4, rate: 5 });
  await dialog.waitFor({ state: "detached" });
  await figure(page, "Users", (text) => text === "4");
});

test("what the form cannot send is said beside the field", async () => {
  const { page } = opened;
  await page.getByRole("button", { name: "Edit" }).click();
  await sendForm(page, { users: 0, rate: 5 });
  await page.getByText("A whole number, 1 or more.").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), "Edit");
});

test("a test is stopped and started again", async () => {
  const { page } = opened;
  await page.getByRole("button", { name: "Stop" }).click();
  await figure(page, "Status", (text) => text === "Stopped");
  await figure(page, "Users", (text) => text === "0");
  await startTest(page, { users: 6, rate: 6 });
  await figure(page, "Users", (text) => text === "6");
});

test("an argument with choices is a list, and what was chosen stays chosen", { skip: realMaster === null }, async () => {
  const { page } = opened;
  for (const [before, after] of [["books", "music"], ["music", "books"]]) {
    await page.getByRole("button", { name: "Edit" }).click();
    const category = page.getByRole("dialog").getByLabel("category");
    assert.equal(await category.inputValue(), before);
    await category.selectOption(after);
    await sendForm(page, { users: 6, rate: 6 });
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.reload();
  }
});

test("the charts mark where the test was started", async () => {
  const { page } = opened;
  await openTab(page, "Charts");
  await page.locator(".events li", { hasText: "start" }).first().waitFor();
  assert.equal(await page.locator(".plot canvas").count(), 4);
});

test("statistics are reset", async () => {
  const { page } = opened;
  await page.getByRole("button", { name: "Reset Stats" }).click();
  await openTab(page, "Charts");
  await page.locator(".events li", { hasText: "reset" }).first().waitFor();
});

test("everything can be downloaded", async () => {
  await downloadEverything(opened.page);
});

test("the script of the page made no mistake", async () => {
  await opened.page.getByRole("button", { name: "Stop" }).click();
  await figure(opened.page, "Status", (text) => text === "Stopped");
  assert.deepEqual(opened.faults, []);
});
