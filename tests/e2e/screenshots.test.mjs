// Keeps pictures of every view at three sizes, light and dark, for people to look at. A real master must not
// have run a test before: the first form is shown only once.
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { writeFileSync } from "node:fs";
import { artifact, figure, openBrowser, openMaster, openPage, openTab, realMaster, reportOf, startTest } from "./harness.mjs";
import { looks, looksOf, shoot, sizes } from "./pictures.mjs";

const views = ["Statistics", "Charts", "Failures", "Exceptions", "Thresholds", "Current Ratio", "Download Data", "Logs", "Workers"];

let browser;
let fresh;
let running;
const report = artifact("report.html");

before(async () => {
  browser = await openBrowser();
  fresh = await openMaster(realMaster ? {} : { names: 7 });
  running = realMaster ? fresh : await openMaster({ names: 30, workers: 8, seconds: 900 });
});
after(async () => {
  await browser?.close();
  await running?.stop();
  if (fresh !== running) await fresh?.stop();
});

// Opens the page in each of these looks, at the same time, and lets `use` take its pictures.
async function inEach(looks, address, use) {
  await Promise.all(
    looks.map(async (look) => {
      const { page, close } = await openPage(browser, address, look);
      await use(page, look);
      await close();
    }),
  );
}

test("the first form", async () => {
  await inEach(looks, fresh.address, async (page, look) => {
    await page.getByRole("button", { name: "Start", exact: true }).waitFor();
    await shoot(page, "form", look, true);
  });
});

test("a test runs long enough for its charts", { skip: realMaster === null }, async () => {
  const { page, close } = await openPage(browser, running.address);
  await startTest(page, { users: 12, rate: 3 });
  await openTab(page, "Charts");
  await page.waitForFunction(() => Number(document.querySelector(".plot")?.getAttribute("aria-valuemax")) >= 4);
  await close();
});

for (const size of Object.keys(sizes)) {
  test(`the page, ${size}`, async () => {
    await inEach(looksOf(size), running.address, async (page, look) => {
      for (const view of views) await shootWhole(page, view, look);
      for (const [view, tab] of [["entry", "Statistics"], ["exchange", "Failures"]]) {
        await openTab(page, tab);
        await page.locator("button.link").first().click();
        await shoot(page, view, look);
        await page.keyboard.press("Escape");
      }
      await page.getByRole("button", { name: "Edit" }).click();
      await shoot(page, "edit", look);
    });
  });
}

// As high as what is in the view, which scrolls otherwise.
async function shootWhole(page, view, look) {
  const { width, height } = look.viewport;
  await openTab(page, view);
  const hidden = await page.locator("main").evaluate((main) => main.scrollHeight - main.clientHeight);
  if (hidden > 0) await page.setViewportSize({ width, height: height + hidden });
  await page.waitForTimeout(200);
  await shoot(page, view, look);
  if (hidden > 0) await page.setViewportSize({ width, height });
}

test("the report", async () => {
  if (realMaster) {
    const { page, close } = await openPage(browser, running.address);
    await page.getByRole("button", { name: "Stop" }).click();
    await figure(page, "Status", (text) => text === "Stopped");
    await close();
  }
  writeFileSync(report, await reportOf(running));
  await inEach(looks, pathToFileURL(report).href, async (page, look) => {
    for (const phase of ["Name lookup", "Connect", "TLS handshake", "First byte"]) {
      await page.getByRole("rowheader", { name: phase }).waitFor();
    }
    await page.waitForTimeout(200);
    await shoot(page, "report", look, true);
  });
});
