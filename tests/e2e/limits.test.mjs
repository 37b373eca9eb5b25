// With a made-up master only: many names and workers, long runs, hostile texts, a master that goes away.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { figure, openBrowser, openMaster, openPage, openTab, sendForm, seriousFaults } from "./harness.mjs";
import { MockMaster } from "./mock_master.mjs";
import { hostileName } from "./mock_run.mjs";

let browser;

before(async () => {
  browser = await openBrowser();
});
after(async () => {
  await browser?.close();
});

// Runs `use` with the page of a made-up master.
async function withPage(options, use) {
  const master = await openMaster({ names: 7, ...options });
  const opened = await openPage(browser, master.address);
  try {
    await use(opened.page, master.mock, opened.faults);
  } finally {
    await opened.close();
    await master.stop();
  }
}

// The share of a processor that the page's thread takes within the next `seconds`; what else runs on the
// machine does not count.
async function busyShare(page, seconds) {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busy = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return metrics.find(({ name }) => name === "TaskDuration").value;
  };
  const before = await busy();
  await page.waitForTimeout(seconds * 1000);
  const share = (await busy()) / seconds - before / seconds;
  await session.detach();
  return share;
}

test("a thousand names and workers and ten hours are as quick as a few", async () => {
  await withPage({ names: 1000, workers: 1000, seconds: 36_000 }, async (page, _, faults) => {
    await openTab(page, "Statistics");
    await page.locator("tfoot").waitFor();
    assert.ok((await page.locator("tbody tr").count()) < 90);
    await page.locator(".table-frame").evaluate((frame) => frame.scrollTo(0, frame.scrollHeight));
    await page.getByText("/item/992", { exact: true }).waitFor();
    for (const tab of ["Statistics", "Charts", "Workers"]) {
      await openTab(page, tab);
      await page.waitForTimeout(1500);
      const share = await busyShare(page, 3);
      assert.ok(share < 0.25, `${tab}: busy for ${Math.round(share * 100)}% of the time`);
    }
    assert.deepEqual(faults, []);
  });
});

test("hostile names, errors and logs are text and nothing else", async () => {
  await withPage({ seconds: 60 }, async (page, _, faults) => {
    await openTab(page, "Statistics");
    await page.getByText(hostileName).waitFor();
    await page.getByRole("button", { name: hostileName }).click();
    await page.getByRole("heading", { name: hostileName }).waitFor();
    await page.keyboard.press("Escape");
    await openTab(page, "Failures");
    await page.getByRole("button", { name: /window.pwned/ }).click();
    await page.getByText("Internal Server Error").waitFor();
    await page.keyboard.press("Escape");
    for (const tab of ["Exceptions", "Logs", "Charts"]) await openTab(page, tab);
    assert.equal(await page.evaluate(() => globalThis.pwned), undefined);
    assert.deepEqual(faults, []);
  });
});

test("the page says that the master is gone, and goes on when it is back", async () => {
  const master = await openMaster({ names: 7, seconds: 30 });
  const opened = await openPage(browser, master.address);
  const { page } = opened;
  await figure(page, "Users", (text) => text !== "0");
  const { port } = master.mock;
  await master.stop();
  await page.getByText("The master cannot be reached since").waitFor();
  assert.ok(await page.getByRole("button", { name: "Stop" }).isDisabled());
  const second = new MockMaster({ page: master.mock.page });
  second.fill(10);
  await second.start(port);
  await page.getByText("The master cannot be reached since").waitFor({ state: "detached" });
  await figure(page, "Users", (text) => text === "22");
  await opened.close();
  await second.stop();
});

test("charts that were opened before anything was measured appear, and follow the window", async () => {
  await withPage({}, async (page, mock) => {
    mock.run.swarm(new URLSearchParams("user_count=10&spawn_rate=10"), mock.now());
    const widths = () =>
      page.locator(".plot canvas").evaluateAll((all) => all.map((canvas) => canvas.getBoundingClientRect().width));
    mock.run.clear();
    await openTab(page, "Charts");
    await page.locator(".plot canvas").nth(3).waitFor();
    for (const width of await widths()) assert.ok(width > 1300, `${width} of 1440 pixels`);
    await page.setViewportSize({ width: 800, height: 900 });
    await page.waitForTimeout(300);
    for (const width of await widths()) assert.ok(width > 700 && width < 800, `${width} of 800 pixels`);
  });
});

test("it works behind a base path", async () => {
  await withPage({ basePath: "/locust", seconds: 20 }, async (page, _, faults) => {
    await openTab(page, "Statistics");
    await page.locator("tfoot").waitFor();
    await page.getByRole("button", { name: "Stop" }).click();
    await figure(page, "Status", (text) => text === "Stopped");
    assert.deepEqual(faults, []);
  });
});

test("the form sends classes, shape and arguments in stock's fields, and shows a refusal", async () => {
  await withPage({}, async (page, mock) => {
    await page.getByLabel("Browser").uncheck();
    await page.getByLabel("category").selectOption("music");
    await page.getByLabel("Host").fill("refuse");
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByText("This host is refused <b>").waitFor();
    await sendForm(page, { users: 5, rate: 2.5 });
    await figure(page, "Users", (text) => text === "5");
    const sent = new URLSearchParams(mock.commands.at(-1));
    assert.deepEqual(sent.getAll("user_classes"), ["ShopUser"]);
    assert.equal(sent.get("spawn_rate"), "2.5");
    assert.equal(sent.get("category"), "music");
    assert.equal(sent.get("cached"), "true");
    assert.equal(sent.has("token"), false);
  });
});

test("a shape takes the place of users, ramp up and run time", async () => {
  await withPage({}, async (page, mock) => {
    await page.getByLabel("Shape Class").selectOption("double wave");
    assert.ok(await page.getByLabel("Number of users (peak concurrency)").isDisabled());
    await page.getByRole("button", { name: "Start" }).click();
    await page.getByRole("tab", { name: "Statistics" }).waitFor();
    const sent = new URLSearchParams(mock.commands.at(-1));
    assert.equal(sent.get("shape_class"), "double wave");
    assert.equal(sent.has("user_count"), false);
  });
});

test("axe finds no serious fault in the login page, and it follows the theme", async () => {
  const master = await openMaster({ names: 7 });
  for (const colorScheme of ["light", "dark"]) {
    const { page, faults, close } = await openPage(browser, `${master.address}login`, { colorScheme });
    await page.getByLabel("Password").waitFor();
    assert.deepEqual(await seriousFaults(page), [], colorScheme);
    assert.equal(await page.evaluate(() => document.documentElement.dataset.theme), colorScheme);
    assert.deepEqual(faults, []);
    await close();
  }
  await master.stop();
});
