// A test run made up: the numbers that mock_master.mjs serves, always the same for the same second.

// What users may put into names and servers into errors.
export const hostileName = `/search?q=<img src=x onerror="window.pwned=1">&"'\``;
const hostileError = `<script>window.pwned = 1</script> CatchResponseError('got "500"')`;

const percentiles = [50, 95, 99, 99.9];
const bounds = Array.from({ length: 48 }, (_, row) => Number((1.35 ** (row + 1)).toPrecision(2)));
const mostPoints = 3600;

// Between 0 and 1, the same for the same seed.
function noise(seed) {
  const value = Math.sin(seed * 12.9898) * 43758.5453;
  return value - Math.floor(value);
}

function byPercentile(base) {
  return Object.fromEntries(percentiles.map((each, index) => [each, base * [1, 2.4, 4.1, 9.7][index]]));
}

// `count` request names; the first ones look like those of a shop.
function namesOf(count) {
  const known = [
    ["GET", "/api/products"],
    ["GET", "/api/products/[id]"],
    ["POST", "/api/cart"],
    ["POST", "/api/orders"],
    ["GET", "/"],
    ["GET", hostileName],
    ["TX", "checkout"],
  ];
  const more = Array.from({ length: Math.max(0, count - known.length) }, (_, index) => ["GET", `/item/${index}`]);
  return [...known, ...more].slice(0, count);
}

export class MockRun {
  constructor({ names = 7, workers = 4, native = true } = {}) {
    this.names = namesOf(names);
    this.workerCount = workers;
    this.native = native;
    this.id = 0;
    this.state = "ready";
    this.host = null;
    this.users = 0;
    this.target = 0;
    this.rate = 1;
    this.runTime = null;
    this.shape = null;
    this.startTime = null;
    this.endTime = null;
    this.markers = [];
    this.form = 1;
    this.clear();
  }

  clear() {
    this.requests = 0;
    this.failures = 0;
    this.points = [];
    this.interval = 1;
    this.generation = (this.generation ?? 0) + 1;
    this.clearedAt = Date.now() / 1000;
  }

  mark(kind, text, time) {
    this.markers.push({ time, kind, text });
  }

  swarm(fields, time) {
    const isRunning = this.state === "running" || this.state === "spawning";
    this.target = Number(fields.get("user_count") ?? this.target);
    this.rate = Number(fields.get("spawn_rate") ?? this.rate) || 1;
    this.host = fields.get("host") || null;
    this.runTime = Number.parseInt(fields.get("run_time") || "0", 10) || null;
    if (!isRunning) {
      this.clear();
      this.id += 1;
      this.markers = [];
      this.users = 0;
      this.startTime = time;
      this.endTime = null;
    }
    this.mark(isRunning ? "edit" : "start", `${this.target} users at ${this.rate}/s`, time);
    this.state = "spawning";
  }

  stop(time) {
    if (this.state === "ready" || this.state === "stopped") return;
    this.mark("stop", "from the page", time);
    this.state = "stopped";
    this.endTime = time;
    this.users = 0;
  }

  // A second passes.
  advance(time) {
    if (this.state !== "spawning" && this.state !== "running") return;
    const step = Math.max(this.rate, 1);
    this.users =
      this.users < this.target ? Math.min(this.users + step, this.target) : Math.max(this.users - step, this.target);
    this.state = this.users === this.target ? "running" : "spawning";
    const requests = Math.round(this.users * (2 + noise(time)));
    const failures = noise(time + 0.5) > 0.7 ? Math.round(requests * 0.02) : 0;
    this.requests += requests;
    this.failures += failures;
    this.addPoint(time, requests, failures);
    if (this.runTime && time - this.startTime >= this.runTime) this.stop(time);
  }

  addPoint(time, requests, failures) {
    const base = 20 + this.users / 20 + 8 * noise(time * 3) + (noise(Math.floor(time / 40)) > 0.9 ? 60 : 0);
    const cells = bounds.map((bound) => {
      const distance = Math.log(bound / base);
      return Math.round(requests * 0.25 * Math.exp(-distance * distance * (distance > 0 ? 1.2 : 6)));
    });
    this.points.push({ time, users: this.users, requests, failures, base, cells });
    if (this.points.length <= mostPoints) return;
    // Two by two, as the master does; here the first one stands for both.
    this.points = this.points.filter((_, index) => index % 2 === 0);
    this.interval *= 2;
    this.generation += 1;
  }

  entry([method, name], index) {
    const share = 1 / this.names.length;
    const requests = Math.round(this.requests * share * (0.5 + noise(index)));
    const base = 12 + 40 * noise(index + 7);
    const failures = index % 3 === 0 ? Math.round(this.failures * share) : 0;
    const rps = this.users * 2.5 * share * (0.8 + 0.4 * noise(index + requests));
    return this.figures(method, name, requests, failures, base, this.state === "stopped" ? 0 : rps);
  }

  figures(method, name, requests, failures, base, rps) {
    const has = requests > 0;
    return {
      method,
      name,
      num_requests: requests,
      num_failures: failures,
      num_none_requests: 0,
      avg_response_time: has ? base * 1.3 : 0,
      min_response_time: has ? base * 0.4 : 0,
      max_response_time: has ? base * 14 : 0,
      median_response_time: has ? base : 0,
      avg_content_length: has ? 1000 + Math.round(base * 31) : 0,
      current_rps: rps,
      current_fail_per_sec: has ? (rps * failures) / requests : 0,
      total_rps: requests / this.elapsed(),
      total_fail_per_sec: failures / this.elapsed(),
      percentiles: has ? byPercentile(base) : Object.fromEntries(percentiles.map((each) => [each, null])),
      phases: this.native && has
        ? { dns: byPercentile(0.2), connect: byPercentile(1.1), tls: byPercentile(3), first_byte: byPercentile(base * 0.8) }
        : null,
    };
  }

  elapsed() {
    return Math.max(1, this.points.length * this.interval);
  }

  total() {
    const rps = this.state === "stopped" ? 0 : (this.points.at(-1)?.requests ?? 0);
    return this.figures("", "Aggregated", this.requests, this.failures, 24, rps);
  }

  entries(version) {
    const entries = this.requests > 0 ? this.names.map((name, index) => this.entry(name, index)) : [];
    return { version, percentiles, entries, total: this.total(), two_digits: !this.native };
  }

  failureList(version) {
    if (this.failures === 0) return { version, failures: [] };
    const exchange = {
      request: "POST /api/orders HTTP/1.1\r\nHost: target\r\nAuthorization: ***\r\n\r\n{\"product_id\": 42}",
      response: `HTTP/1.1 500 Internal Server Error\r\nContent-Type: text/html\r\n\r\n${hostileError}`,
      values: [
        { what: "user", value: "ShopUser 17" },
        { what: "time", value: "312 ms" },
      ],
    };
    const failures = [
      { method: "POST", name: "/api/orders", error: "HTTPError('500 Server Error')", occurrences: this.failures, exchange },
      { method: "GET", name: hostileName, error: hostileError, occurrences: 3, exchange },
      { method: "GET", name: "/", error: "ConnectionRefusedError(111, 'refused')", occurrences: 1, exchange: null },
    ];
    return { version, failures };
  }

  exceptions(version) {
    if (this.failures === 0) return { version, exceptions: [] };
    const traceback = 'Traceback (most recent call last):\n  File "locustfile.py", line 12, in buy\n<b>KeyError</b>: \'id\'';
    return { version, exceptions: [{ count: 4, msg: "'id' <b>", traceback, nodes: ["machine-0_1f", "machine-1_2a"] }] };
  }

  workers(version) {
    const workers = Array.from({ length: this.workerCount }, (_, index) => ({
      id: `machine-${index}_${(index * 7919 + 4096).toString(16)}`,
      index,
      state: index === 3 ? "missing" : this.state === "ready" || this.state === "stopped" ? "ready" : this.state,
      user_count: Math.floor(this.users / this.workerCount),
      cpu_usage: index === 1 ? 97.2 : 20 + 30 * noise(index),
      memory_usage: (60 + 40 * noise(index + 3)) * 1024 * 1024,
      loop_lag: index % 2 ? null : 0.4 + 3 * noise(index + 5),
      clock_ahead: index === 2 ? -4.2 : 0.01 * noise(index),
      native: index % 2 === 0,
      limits: index === 1 ? ["its CPU is at 97%"] : [],
    }));
    return { version, workers };
  }

  logs(version) {
    const line = (index, level, text) => `[2026-11-26 15:0${index % 10}:00,123] machine-0/${level}/locust.main: ${text}`;
    const lines = Array.from({ length: 120 }, (_, index) => line(index, "INFO", `line ${index}`));
    lines.push(line(1, "WARNING", "CPU usage above 90%"), line(2, "ERROR", "<script>window.pwned = 1</script>"));
    const workers = Object.fromEntries(this.workers(0).workers.map(({ id }) => [id, [line(3, "INFO", `hello of ${id}`)]]));
    return { version, master: lines, workers };
  }

  tasks(version) {
    const per_class = {
      ShopUser: { ratio: 0.7, tasks: { browse: { ratio: 0.8 }, Checkout: { ratio: 0.2, tasks: { pay: { ratio: 1 } } } } },
      Browser: { ratio: 0.3, tasks: { crawl: { ratio: 1 } } },
    };
    return { version, per_class, total: per_class };
  }

  history(version, after) {
    const isComplete = after === null || this.interval > 1 || after < this.clearedAt;
    const points = isComplete ? this.points : this.points.filter(({ time }) => time > after);
    const column = (value) => points.map(value);
    const columns = {
      time: column((point) => point.time),
      user_count: column((point) => point.users),
      requests: column((point) => point.requests),
      failures: column((point) => point.failures),
      average: column((point) => (point.requests > 0 ? point.base * 1.3 : null)),
    };
    for (const each of percentiles) {
      columns[`p${each}`] = column((point) => (point.requests > 0 ? byPercentile(point.base)[each] : null));
    }
    const heat = { bounds, cells: column((point) => point.cells) };
    return { version, interval: this.interval, complete: isComplete, columns, markers: this.markers, heat };
  }

  thresholds() {
    return [
      { text: "p95 < 100ms", holds: true, measured: "57.6 ms", margin: "+42.4%", two_digits: !this.native },
      { text: "POST /api/orders: fail_ratio < 1%", holds: this.failures === 0, measured: "1.4%", margin: "-40.0%" },
      { text: "rps > 20", holds: true, measured: "231.5", margin: "+1057.5%" },
    ];
  }

  tick(time) {
    const second = Math.floor(time);
    return {
      time,
      state: this.state,
      run: {
        id: this.id,
        start_time: this.startTime,
        end_time: this.endTime,
        host: this.host,
        hosts: [this.host ?? "http://of-the-class"],
        target_user_count: this.target,
        spawn_rate: this.rate,
        run_time: this.runTime,
        shape: this.shape,
      },
      user_count: this.users,
      user_classes_count: { ShopUser: this.users, Browser: 0 },
      worker_count: this.workerCount,
      expected_workers: this.workerCount,
      total: this.total(),
      thresholds: this.id > 0 ? this.thresholds() : [],
      warnings: this.workerCount > 1 && this.users > 0 ? ["1 worker, and not the target, limits this test: its CPU is full"] : [],
      versions: {
        entries: second,
        failures: this.failures,
        exceptions: this.failures,
        workers: second,
        logs: 1,
        tasks: 1,
        history: this.generation * 100000 + this.points.length,
        form: this.form,
      },
    };
  }

  formAnswer() {
    return {
      version: this.form,
      users: 50,
      spawn_rate: 10,
      host: "http://127.0.0.1:8080",
      run_time: "",
      profile: "",
      class_picker: true,
      user_classes: [
        { name: "ShopUser", weight: 3, fixed_count: 0, host: null },
        { name: "Browser", weight: 1, fixed_count: 0, host: null },
      ],
      shapes: ["double wave"],
      shape: null,
      use_common_options: false,
      arguments: [
        { name: "category", default: "books", help: "What is bought", choices: ["books", "music"], secret: false, type: "text" },
        { name: "depth", default: "3", help: "How deep to crawl", choices: null, secret: false, type: "number" },
        { name: "token", default: "", help: "Of the API", choices: null, secret: true, type: "text" },
        { name: "cached", default: "true", help: "Keep a browser's cache", choices: null, secret: false, type: "bool" },
      ],
      full_history: true,
      version_text: "locust-cpp 0.1.0",
    };
  }

  // What the master writes into report.html.
  report(time) {
    const entries = this.entries(1);
    const curve = [];
    for (let percentile = 0; percentile < 99.999; percentile += (100 - percentile) * 0.05) {
      curve.push([percentile, 9 + 6 * (-Math.log10(1 - percentile / 100)) ** 2.2 * 3]);
    }
    curve.push([100, 912]);
    entries.total.curve = curve;
    return {
      kind: "report",
      version_text: "locust-cpp 0.1.0",
      created: time,
      tick: this.tick(time),
      entries,
      failures: this.failureList(1),
      exceptions: this.exceptions(1),
      workers: this.workers(1),
      tasks: this.tasks(1),
      history: this.history(1, null),
      verdicts: this.thresholds(),
      parameters: [
        { name: "Scenario", value: "shop.yaml <b>" },
        { name: "Users", value: "50" },
        { name: "Spawn rate", value: "10" },
      ],
      invalid_reasons: ["1 worker, and not the target, limited this test: its CPU was full"],
    };
  }
}
