// What one does with the page of a test that runs: sort, zoom, themes, by keyboard and screen reader.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { figure, openBrowser, openMaster, openPage, openTab, seriousFaults, startTest } from "./harness.mjs";

const tabs = ["Statistics", "Charts", "Failures", "Exceptions", "Current Ratio", "Download Data", "Logs", "Workers"];

let browser;
let master;
let opened;

before(async () => {
  browser = await openBrowser();
  master = await openMaster();
  opened = await openPage(browser, master.address);
  await startTest(opened.page, { users: 20, rate: 20 });
  await figure(opened.page, "RPS", (text) => Number(text.replaceAll(",", "")) > 0);
});

after(async () => {
  assert.deepEqual(opened?.faults, []);
  await opened?.page.getByRole("button", { name: "Stop" }).click();
  await browser?.close();
  await master?.stop();
});

test("a click on a heading sorts, another one turns the order", async () => {
  const { page } = opened;
  await openTab(page, "Statistics");
  const heading = page.getByRole("columnheader", { name: "# Requests" });
  const column = async () => {
    const texts = await page.locator("tbody tr:not(.space) td:nth-child(3)").allInnerTexts();
    return texts.map((text) => Number(text.replaceAll(",", "")));
  };
  await heading.getByRole("button").click();
  assert.equal(await heading.getAttribute("aria-sort"), "descending");
  const falling = await column();
  assert.deepEqual(falling, [...falling].sort((left, right) => right - left));
  await heading.getByRole("button").click();
  assert.equal(await heading.getAttribute("aria-sort"), "ascending");
});

test("a filter leaves the names that match", async () => {
  const { page } = opened;
  await openTab(page, "Statistics");
  await page.getByLabel("Filter").fill("no such name");
  await page.getByText("No name like this.").waitFor();
  await page.getByLabel("Filter").fill("");
});

test("dragging over a chart zooms all of them, a double click shows the whole run again", async () => {
  const { page } = opened;
  await openTab(page, "Charts");
  const whole = page.getByRole("button", { name: "Whole run" });
  await page.waitForFunction(() => Number(document.querySelector(".plot")?.getAttribute("aria-valuemax")) > 4);
  const box = await page.locator(".u-over").first().boundingBox();
  await page.mouse.move(box.x + box.width * 0.3, box.y + 60);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.7, box.y + 60, { steps: 4 });
  await page.mouse.up();
  assert.equal(await whole.getAttribute("aria-pressed"), "false");
  await page.locator(".u-over").nth(1).dblclick({ position: { x: 40, y: 60 } });
  assert.equal(await whole.getAttribute("aria-pressed"), "true");
});

test("a chart is read and zoomed by keys", async () => {
  const { page } = opened;
  await openTab(page, "Charts");
  const chart = page.getByRole("slider", { name: "Total Requests per Second" });
  await chart.focus();
  await page.keyboard.press("Home");
  const first = await chart.getAttribute("aria-valuetext");
  await page.keyboard.press("ArrowRight");
  const second = await chart.getAttribute("aria-valuetext");
  assert.notEqual(first, second);
  assert.match(second, /^\d\d:\d\d:\d\d: RPS [\d.,]+, Failures\/s /);
  await page.keyboard.press("+");
  assert.equal(await page.getByRole("button", { name: "Whole run" }).getAttribute("aria-pressed"), "false");
  await page.keyboard.press("0");
  assert.equal(await page.getByRole("button", { name: "Whole run" }).getAttribute("aria-pressed"), "true");
});

test("the tabs are reached by arrow keys, and the address remembers them", async () => {
  const { page } = opened;
  await page.getByRole("tab", { name: "Statistics" }).focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getByRole("tab", { selected: true }).innerText(), "Charts");
  await page.reload();
  await page.getByRole("tab", { name: "Charts", selected: true }).waitFor();
});

test("the keyboard alone edits the test", async () => {
  const { page } = opened;
  const reach = async (name) => {
    for (let presses = 0; presses < 60; ++presses) {
      const focused = await page.evaluate(
        () => document.activeElement?.labels?.[0]?.textContent ?? document.activeElement?.textContent,
      );
      if (focused === name) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`${name} is not reached`);
  };
  await reach("Edit");
  await page.keyboard.press("Enter");
  await reach("Number of users (peak concurrency)");
  await page.keyboard.press("Control+A");
  await page.keyboard.type("7");
  await page.keyboard.press("Enter");
  await figure(page, "Users", (text) => text === "7");
});

test("a change of state is announced", async () => {
  await opened.page.locator("[aria-live=polite]", { hasText: "Test running with 7 users" }).waitFor({ state: "attached" });
});

test("a chosen theme is remembered, and the system's is followed otherwise", async () => {
  const { page } = opened;
  const shown = (theme) => page.waitForFunction((name) => document.documentElement.dataset.theme === name, theme);
  await page.emulateMedia({ colorScheme: "dark" });
  await shown("dark");
  await page.getByRole("button", { name: /^Theme/ }).click();
  await shown("light");
  await page.reload();
  await shown("light");
  await page.getByRole("button", { name: /^Theme/ }).click();
  await shown("dark");
  await page.emulateMedia({ colorScheme: "light" });
  await page.reload();
  await shown("dark");
  await page.getByRole("button", { name: /^Theme/ }).click();
  await shown("light");
});

test("axe finds no serious fault in any view, light or dark", async () => {
  const { page } = opened;
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const tab of tabs) {
      await openTab(page, tab);
      assert.deepEqual(await seriousFaults(page), [], `${tab}, ${colorScheme}`);
    }
    await page.getByRole("button", { name: "Edit" }).click();
    assert.deepEqual(await seriousFaults(page), [], `form, ${colorScheme}`);
    await page.keyboard.press("Escape");
  }
});
