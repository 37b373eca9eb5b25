import assert from "node:assert/strict";
import { test } from "node:test";
import * as format from "../src/format";

test("what does not exist is a dash", () => {
  for (const text of [format.count, format.rate, format.ms, format.percent, format.bytes, format.duration]) {
    assert.equal(text(null), "–");
    assert.equal(text(undefined), "–");
    assert.equal(text(Number.NaN), "–");
  }
});

test("milliseconds have the digits that matter", () => {
  assert.equal(format.ms(0.0313), "0.031");
  assert.equal(format.ms(0.4213), "0.42");
  assert.equal(format.ms(12.345), "12.3");
  assert.equal(format.ms(123.4), "123");
  assert.equal(format.ms(7), "7");
  assert.equal(format.ms(12345.6), "12,346");
});

test("rates have two digits in tables and few where they stand alone", () => {
  assert.equal(format.rate(1234.5), "1,234.50");
  assert.equal(format.shortRate(1234.5), "1,235");
  assert.equal(format.shortRate(12.34), "12.3");
});

test("a small share is not rounded away", () => {
  assert.equal(format.percent(0), "0%");
  assert.equal(format.percent(0.0004), "0.04%");
  assert.equal(format.percent(0.0123), "1.2%");
  assert.equal(format.percent(1), "100%");
});

test("sizes go by 1024", () => {
  assert.equal(format.bytes(512), "512 B");
  assert.equal(format.bytes(1536), "1.5 KiB");
  assert.equal(format.bytes(300 * 1024 * 1024), "300 MiB");
});

test("durations show hours only if there are any", () => {
  assert.equal(format.duration(35), "0:35");
  assert.equal(format.duration(3723), "1:02:03");
  assert.equal(format.duration(-1), "0:00");
});

test("the offset of a clock has a sign", () => {
  assert.equal(format.clockOffset(0.0123), "+0.012 s");
  assert.equal(format.clockOffset(-12.6), "−13 s");
  assert.equal(format.clockOffset(0), "0.000 s");
});

test("run times are read as stock reads them", () => {
  const expected: [string, number | null][] = [
    ["20", 20],
    ["20s", 20],
    ["3m", 180],
    ["2h", 7200],
    ["1h20m", 4800],
    ["3h30m10s", 12610],
    ["", null],
    ["soon", null],
    ["10s3m", null],
    ["-5", null],
  ];
  for (const [text, seconds] of expected) assert.equal(format.parseRunTime(text), seconds, text);
});

test("a run time is written as it can be read", () => {
  for (const seconds of [20, 90, 3600, 12610]) {
    assert.equal(format.parseRunTime(format.runTimeText(seconds)), seconds);
  }
  assert.equal(format.runTimeText(null), "");
});

test("nouns follow their number", () => {
  assert.equal(format.counted(1, "user"), "1 user");
  assert.equal(format.counted(2000, "user"), "2,000 users");
});
