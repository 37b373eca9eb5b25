// Keeps pictures of every view at three sizes, light and dark, for people to look at.
import { after, before, test } from "node:test";
import { pathToFileURL } from "node:url";
import { writeFileSync } from "node:fs";
import { artifact, openBrowser, openMaster, openPage, openTab } from "./harness.mjs";

const sizes = { wide: [1440, 900], medium: [1024, 768], narrow: [390, 844] };
const views = ["Statistics", "Charts", "Failures", "Exceptions", "Thresholds", "Current Ratio", "Logs", "Workers"];

let browser;
let running;
let fresh;
const report = artifact("report_screenshot.html");

before(async () => {
  browser = await openBrowser();
  running = await openMaster({ names: 30, workers: 8, seconds: 900 });
  fresh = await openMaster({ names: 7 });
  writeFileSync(report, running.mock.reportHtml());
});
after(async () => {
  await browser?.close();
  await running?.stop();
  await fresh?.stop();
});

for (const [size, [width, height]] of Object.entries(sizes)) {
  for (const colorScheme of ["light", "dark"]) {
    const options = { viewport: { width, height }, colorScheme };
    const shoot = (page, view, fullPage = false) =>
      page.screenshot({ path: artifact(`${view}-${size}-${colorScheme}.png`.toLowerCase().replaceAll(" ", "-")), fullPage });

    test(`the page, ${size}, ${colorScheme}`, async () => {
      const { page, close } = await openPage(browser, running.address, options);
      for (const view of views) {
        await openTab(page, view);
        // As high as what is in the view, which scrolls otherwise.
        const hidden = await page.locator("main").evaluate((main) => main.scrollHeight - main.clientHeight);
        await page.setViewportSize({ width, height: height + Math.max(0, hidden) });
        await page.waitForTimeout(300);
        await shoot(page, view, true);
        await page.setViewportSize({ width, height });
      }
      await openTab(page, "Failures");
      await page.locator("button.link").first().click();
      await shoot(page, "exchange");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Edit" }).click();
      await shoot(page, "edit");
      await close();
    });

    test(`the first form, the login and the report, ${size}, ${colorScheme}`, async () => {
      const form = await openPage(browser, fresh.address, options);
      await form.page.getByRole("button", { name: "Start", exact: true }).waitFor();
      await shoot(form.page, "form", true);
      await form.close();
      const login = await openPage(browser, `${fresh.address}login`, options);
      await shoot(login.page, "login");
      await login.close();
      const opened = await openPage(browser, pathToFileURL(report).href, options);
      await opened.page.getByRole("heading", { name: "Parameters" }).waitFor();
      await opened.page.waitForTimeout(300);
      await shoot(opened.page, "report", true);
      await opened.close();
    });
  }
}
