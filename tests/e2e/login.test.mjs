// A page that asks who one is. Needs a real master with LOCUST_PAGE_USER, else a made-up one is used.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { downloadEverything, figure, logIn, openBrowser, openMaster, openPage, realLogin, realMaster, sendForm, seriousFaults, startTest } from "./harness.mjs";
import { looks, shoot } from "./pictures.mjs";

const login = realLogin ?? { user: "ann", password: "correct horse" };
const skip = realMaster !== null && realLogin === null;

let browser;
let master;
let page;
let faults;

before(async () => {
  if (skip) return;
  browser = await openBrowser();
  master = realMaster ? await openMaster() : await openMaster({ login });
  ({ page, faults } = await openPage(browser, "about:blank"));
});
after(async () => {
  await browser?.close();
  await master?.stop();
});

test("without a session one is sent to the login page", { skip }, async () => {
  await page.goto(master.address);
  await page.getByRole("heading", { name: "Log in to Locust" }).waitFor();
  assert.match(page.url(), /\/login$/);
});

test("axe finds no serious fault in the login page, at any size, light or dark", { skip }, async () => {
  for (const look of looks) {
    await page.setViewportSize(look.viewport);
    await page.emulateMedia({ colorScheme: look.colorScheme });
    await page.waitForFunction((theme) => document.documentElement.dataset.theme === theme, look.colorScheme);
    assert.deepEqual(await seriousFaults(page), []);
    await shoot(page, "login", look);
  }
});

test("a wrong password is refused", { skip }, async () => {
  await logIn(page, { ...login, password: `${login.password}?` });
  await page.getByRole("alert").filter({ hasText: /./ }).waitFor();
});

test("who is logged in starts, edits and stops tests, and downloads every file", { skip }, async () => {
  await logIn(page, login);
  await startTest(page, { users: 4, rate: 4 });
  await figure(page, "Users", (text) => text === "4");
  await page.getByRole("button", { name: "Edit" }).click();
  await sendForm(page, { users: 2, rate: 4 });
  await figure(page, "Users", (text) => text === "2");
  await page.getByRole("button", { name: "Reset Stats" }).click();
  await downloadEverything(page);
  await page.getByRole("button", { name: "Stop" }).click();
  await figure(page, "Status", (text) => text === "Stopped");
});

test("logging out ends at the login page, and the page is closed", { skip }, async () => {
  await page.getByRole("button", { name: /^Log out/ }).click();
  await page.getByRole("heading", { name: "Log in to Locust" }).waitFor();
  await page.goto(master.address);
  await page.getByRole("heading", { name: "Log in to Locust" }).waitFor();
});

test("a session that ends while the page is open leads to the login page", { skip: skip || realMaster !== null }, async () => {
  await logIn(page, login);
  await page.getByRole("button", { name: "New" }).waitFor();
  master.mock.sessions.clear();
  await page.getByRole("heading", { name: "Log in to Locust" }).waitFor();
  assert.deepEqual(faults, []);
});
