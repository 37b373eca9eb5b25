"""deploy/helm/locust-cpp: renders, by helm, what the schemas of Kubernetes allow, for each kind of master
with each kind of workers; and what of it makes a test work."""

import itertools
import json
import re
import tempfile
import unittest

import kubernetes_validate
import yaml

import tools
from tools import CHART, ROOT

HELM = next(tools.TOOLS.glob("v*/helm"), None)
OLDEST, NEWEST = "1.25", "1.36"  # of Kubernetes' schemas
STOCK = ("worker.image.repository=locustio/locust", "worker.image.tag=2.47.0")


def setUpModule():
    if not HELM:
        raise unittest.SkipTest("helm is not installed; tests/deploy/setup builds it where there is Go")


def template(*values, files=("shop.yaml",)):
    # A fraction is a number for --set-json only.
    sets = [f"--set{'-json' if re.search('=[0-9]+[.][0-9]+$', value) else ''}={value}" for value in values]
    for name in files:
        key = name.replace(".", "\\.")
        sets.append(f"--set-file=files.{key}={ROOT / 'examples' / name}")
    with tempfile.TemporaryDirectory() as home:  # nothing of the user's is read
        return tools.run(HELM, "template", "shop", CHART, "--namespace", "load", "--kube-version", "1.33.0", *sets,
                         env={"HOME": home, "PATH": "/usr/bin:/bin"})  # fmt: skip


def render(*values, **options):
    """The objects of a release named shop, by (kind, name)."""
    objects = [o for o in yaml.safe_load_all(template(*values, **options)) if o]
    named = {(o["kind"], o["metadata"]["name"]): o for o in objects}
    assert len(named) == len(objects), "two objects of one name"
    return named


def pod(objects, program):
    """The pod template of the master or the workers, whatever its object is."""
    found = [
        o["spec"]["template"]
        for (kind, _), o in objects.items()
        if kind in ("Deployment", "Job")
        and o["spec"]["template"]["metadata"]["labels"]["app.kubernetes.io/component"] == program
    ]
    assert len(found) == 1, found
    return found[0]


def container(objects, program):
    return pod(objects, program)["spec"]["containers"][0]


def matches(selector, labels):
    return selector.items() <= labels.items()


class Chart(unittest.TestCase):
    def combinations(self):
        masters = [("master.kind=Deployment",), ("master.kind=Job",), ("master.kind=Job", "master.jobPage=true")]
        workers = [("worker.kind=Deployment",), ("worker.kind=Deployment", "worker.autoscaling.enabled=true"), ("worker.kind=Job",)]
        for master, worker, image in itertools.product(masters, workers, [(), STOCK]):
            if master[0] == "master.kind=Deployment" and worker[0] == "worker.kind=Job":
                continue  # the values' schema refuses it
            yield (*master, *worker, *image)
        yield ("networkPolicy.enabled=false", "worker.enabled=false")
        yield ("master.enabled=false", "worker.masterHost=other-locust-cpp-master.elsewhere")
        yield ("serviceMonitor.enabled=true", "master.ingress.enabled=true", "master.ingress.tlsSecret=cert", "existingSecret=data",
               "master.ttlSecondsAfterFinished=60", "master.kind=Job", "master.jobPage=true", "worker.kind=Job",
               "master.results.existingClaim=results", "secretFiles.users\\.csv=name", "worker.nodeSelector.pool=load",
               "worker.tolerations[0].operator=Exists", "worker.envFrom[0].secretRef.name=keys", "imagePullSecrets[0].name=registry",
               "networkPolicy.webFrom[0].namespaceSelector.matchLabels.team=perf", "master.env[0].name=A", "master.env[0].value=b",
               "master.podLabels.a=b", "worker.podLabels.a=b", "worker.priorityClassName=low", "serviceMonitor.labels.a=b")  # fmt: skip

    def test_every_combination_is_valid_for_kubernetes(self):
        seen = set()
        for values in self.combinations():
            with self.subTest(values):
                for (kind, _), manifest in render(*values).items():
                    seen.add(kind)
                    if kind == "ServiceMonitor":  # of an operator, not of Kubernetes
                        continue
                    for version in (OLDEST, NEWEST):
                        kubernetes_validate.validate(manifest, version, strict=True)
        self.assertEqual(len(seen), 9, seen)

    def test_lint_finds_nothing(self):
        tools.run(HELM, "lint", "--strict", CHART)

    def test_values_that_make_no_sense_are_refused(self):
        for values in (
            ("test.usrs=3",),
            ("worker.kind=Job",),
            ("master.kind=Job", "worker.kind=Job", "worker.autoscaling.enabled=true"),
            ("master.enabled=false",),
            ("master.kind=Job", "serviceMonitor.enabled=true"),
            ("worker.replicas=0",),
        ):
            with self.subTest(values), self.assertRaisesRegex(AssertionError, "locust-cpp"):
                template(*values)

    def test_every_value_is_in_the_schema(self):
        def names(values, schema, path=""):
            for name, value in values.items():
                here = schema["properties"].get(name)
                self.assertIsNotNone(here, f"{path}{name}")
                here = schema["definitions"]["image"] if "$ref" in here else here
                if isinstance(value, dict) and "properties" in here:
                    names(value, {"definitions": schema["definitions"], **here}, f"{path}{name}.")

        names(yaml.safe_load((CHART / "values.yaml").read_text()), json.loads((CHART / "values.schema.json").read_text()))

    def test_a_headless_job_ends_with_its_test_and_is_not_repeated(self):
        objects = render("master.kind=Job", "worker.kind=Job", "worker.replicas=3", "test.thresholds={p95 < 1s}")
        master = objects["Job", "shop-locust-cpp-master-1"]["spec"]
        self.assertEqual((master["backoffLimit"], master["template"]["spec"]["restartPolicy"]), (0, "Never"))
        args = container(objects, "master")["args"]
        self.assertLessEqual(
            {"--master", "--headless", "--expect-workers=3", "--locustfile=/mnt/locust/shop.yaml", "--threshold=p95 < 1s", "--fail-on-invalid"},
            set(args),
        )  # fmt: skip
        self.assertNotIn("readinessProbe", container(objects, "master"))  # a headless master has no page
        worker = objects["Job", "shop-locust-cpp-worker-1"]["spec"]
        self.assertEqual((worker["completionMode"], worker["completions"], worker["parallelism"]), ("Indexed", 3, 3))
        self.assertEqual(worker["template"]["spec"]["restartPolicy"], "OnFailure")
        self.assertNotIn(("Service", "shop-locust-cpp-web"), objects)

    def test_a_master_with_its_page_is_ready_when_it_says_so_and_workers_find_it_before(self):
        for values in ((), ("master.kind=Job", "master.jobPage=true")):
            objects = render("serviceMonitor.enabled=true", *values)
            master = container(objects, "master")
            self.assertEqual(master["readinessProbe"]["httpGet"], {"path": "/readyz", "port": "web"})
            self.assertEqual(master["livenessProbe"]["httpGet"], {"path": "/healthz", "port": "web"})
            self.assertNotIn("--headless", master["args"])
            service = objects["Service", "shop-locust-cpp-master"]["spec"]
            self.assertEqual((service["clusterIP"], service["publishNotReadyAddresses"]), ("None", True))
            labels = pod(objects, "master")["metadata"]["labels"]
            for name in ("master", "web"):
                self.assertTrue(matches(objects["Service", f"shop-locust-cpp-{name}"]["spec"]["selector"], labels))
            monitor = objects["ServiceMonitor", "shop-locust-cpp"]["spec"]
            web = objects["Service", "shop-locust-cpp-web"]
            self.assertTrue(matches(monitor["selector"]["matchLabels"], web["metadata"]["labels"]))
            self.assertFalse(matches(monitor["selector"]["matchLabels"], objects["Service", "shop-locust-cpp-master"]["metadata"]["labels"]))
            self.assertEqual((monitor["endpoints"][0]["port"], monitor["endpoints"][0]["path"]), ("web", "/metrics"))

    def test_the_page_answers_under_the_names_that_the_chart_makes(self):
        def names(*values):
            env = {e["name"]: e["value"] for e in container(render(*values), "master").get("env", [])}
            return env.get("LOCUST_WEB_ALLOWED_HOSTS", "").split(",")

        service = "shop-locust-cpp-web"
        own = [service, f"{service}.load", f"{service}.load.svc", f"{service}.load.svc.cluster.local"]
        self.assertEqual(names(), own)
        self.assertEqual(
            names("master.ingress.enabled=true", "master.ingress.host=a.example", "master.allowedHosts={b.example,.c.example}"),
            [*own, "a.example", "b.example", ".c.example"],
        )
        self.assertEqual(names("master.kind=Job"), [""])  # no page

    def test_workers_of_a_deployment_wait_for_the_next_master_and_may_be_autoscaled(self):
        objects = render("master.kind=Job")
        worker = pod(objects, "worker")["spec"]
        self.assertEqual(worker["restartPolicy"], "Always")
        self.assertIn({"name": "LOCUST_CONNECT_TIMEOUT", "value": "0"}, worker["containers"][0]["env"])
        self.assertEqual(objects["Deployment", "shop-locust-cpp-worker"]["spec"]["replicas"], 4)
        scaled = render("worker.autoscaling.enabled=true", "worker.autoscaling.minReplicas=3", "master.kind=Job")
        deployment = scaled["Deployment", "shop-locust-cpp-worker"]
        self.assertNotIn("replicas", deployment["spec"])  # or each upgrade would undo what the autoscaler did
        target = scaled["HorizontalPodAutoscaler", "shop-locust-cpp-worker"]["spec"]["scaleTargetRef"]
        self.assertEqual((target["kind"], target["name"]), ("Deployment", deployment["metadata"]["name"]))
        self.assertIn("--expect-workers=3", container(scaled, "master")["args"])

    def test_the_worker_port_is_open_to_workers_of_this_master_only(self):
        objects = render()
        policy = objects["NetworkPolicy", "shop-locust-cpp-master"]["spec"]
        self.assertTrue(matches(policy["podSelector"]["matchLabels"], pod(objects, "master")["metadata"]["labels"]))
        by_port = {rule["ports"][0]["port"]: rule for rule in policy["ingress"]}
        self.assertEqual(sorted(by_port), [5557, 8089])
        allowed = by_port[5557]["from"]
        self.assertEqual(len(allowed), 1)
        joins = allowed[0]["podSelector"]["matchLabels"]
        self.assertTrue(matches(joins, pod(objects, "worker")["metadata"]["labels"]))
        self.assertFalse(matches(joins, pod(objects, "master")["metadata"]["labels"]))
        other = render("master.enabled=false", "worker.masterHost=shop-locust-cpp-master", "fullnameOverride=more")
        self.assertTrue(matches(joins, pod(other, "worker")["metadata"]["labels"]))
        workers = objects["NetworkPolicy", "shop-locust-cpp-worker"]["spec"]
        self.assertEqual((workers["policyTypes"], workers["ingress"]), (["Ingress"], []))
        self.assertEqual([port for rule in render("master.kind=Job")["NetworkPolicy", "shop-locust-cpp-master"]["spec"]["ingress"]
                          for port in rule["ports"]], [{"protocol": "TCP", "port": 5557}])  # fmt: skip

    def test_grace_periods_are_longer_than_ending_takes(self):
        for stop_timeout, worker, master in ((10, 30, 70), (0, 20, 60), (299.5, 320, 360)):
            objects = render(f"test.stopTimeout={stop_timeout}")
            self.assertEqual(pod(objects, "worker")["spec"]["terminationGracePeriodSeconds"], worker)
            self.assertEqual(pod(objects, "master")["spec"]["terminationGracePeriodSeconds"], master)
            for program in ("master", "worker"):
                self.assertIn(f"--stop-timeout={stop_timeout}", container(objects, program)["args"])

    def test_pods_are_confined_and_workers_spread(self):
        objects = render()
        for program in ("master", "worker"):
            spec = pod(objects, program)["spec"]
            self.assertTrue(spec["securityContext"]["runAsNonRoot"])
            self.assertEqual(spec["securityContext"]["runAsUser"], 1000)
            self.assertFalse(spec["automountServiceAccountToken"])
            self.assertFalse(spec["enableServiceLinks"])
            confined = spec["containers"][0]["securityContext"]
            self.assertTrue(confined["readOnlyRootFilesystem"])
            self.assertEqual(confined["capabilities"], {"drop": ["ALL"]})
            self.assertIn("memory", spec["containers"][0]["resources"]["limits"])
        spread = pod(objects, "worker")["spec"]["topologySpreadConstraints"]
        self.assertEqual([s["topologyKey"] for s in spread], ["kubernetes.io/hostname"])
        self.assertTrue(matches(spread[0]["labelSelector"]["matchLabels"], pod(objects, "worker")["metadata"]["labels"]))

    def test_files_are_where_the_arguments_say(self):
        objects = render("test.locustfile=shop.yaml\\, crawl.yaml", "existingConfigMap=mine", files=("shop.yaml", "crawl.yaml"))
        self.assertEqual(sorted(objects["ConfigMap", "shop-locust-cpp-files"]["data"]), ["crawl.yaml", "shop.yaml"])
        for program in ("master", "worker"):
            self.assertIn("--locustfile=/mnt/locust/shop.yaml,/mnt/locust/crawl.yaml", container(objects, program)["args"])
            mounts = {m["name"]: m["mountPath"] for m in container(objects, program)["volumeMounts"]}
            self.assertEqual(mounts["files"], "/mnt/locust")
            volumes = {v["name"]: v for v in pod(objects, program)["spec"]["volumes"]}
            sources = [s["configMap"]["name"] for s in volumes["files"]["projected"]["sources"]]
            self.assertEqual(sources, ["shop-locust-cpp-files", "mine"])
        self.assertIn("--locustfile=-", container(render("worker.locustfile=-"), "worker")["args"])

    def test_the_commands_of_the_documents_render(self):
        commands = []
        for document in (ROOT / "docs" / "deploy.md", CHART / "README.md"):
            for block in re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.M | re.S):
                commands += re.findall(r"^helm install (?:.*\\\n)*.*", block, re.M)
        self.assertEqual(len(commands), 3)
        for command in commands:
            with self.subTest(command), tempfile.NamedTemporaryFile(suffix=".yaml") as images:
                command = command.replace("helm install", f"{HELM} template --kube-version 1.33.0").replace("images.yaml", images.name)
                rendered = list(yaml.safe_load_all(tools.run("bash", "-c", command, cwd=ROOT)))
                self.assertTrue([o for o in rendered if o["kind"] == "ConfigMap" and o["data"]])

    def test_stock_workers_get_arguments_that_they_know(self):
        native, stock = render(), render(*STOCK)
        self.assertEqual(container(stock, "worker")["image"], "locustio/locust:2.47.0")
        self.assertEqual(container(stock, "worker")["args"], container(native, "worker")["args"])
        self.assertNotIn("command", container(stock, "worker"))


if __name__ == "__main__":
    unittest.main()
