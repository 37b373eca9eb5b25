// How requests are made: cookies, auth, timeout, redirects, route, as a class's defaults and as a
// request's own; sessions, addresses.
#include <fstream>

#include "tests/unit/worker/scenario/scenario_run_fixture.h"

namespace locust::worker {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ScenarioSettings : public ScenarioRun {
 protected:
  std::vector<std::string> cookies(std::size_t i) {
    std::vector<std::string> out;
    for (const HttpCookie& c : request(i).cookies)
      out.push_back(c.name + "=" + c.value.value_or("(none)"));
    return out;
  }
  // What only a worker can find.
  static std::vector<std::string> compile_errors(const std::string& text) {
    ParsedScenario parsed = parse_scenario({{"dir/f.yaml", text}});
    EXPECT_THAT(parsed.errors, IsEmpty());
    return compile_scenario(std::move(parsed.scenario), test_environment).errors;
  }
};

TEST_F(ScenarioSettings, WithoutAnyTheDefaultsAreLocusts) {
  EXPECT_EQ(run("- get: /"), "");
  EXPECT_EQ(request().timeout, std::chrono::seconds(60));
  EXPECT_TRUE(request().allow_redirects);
  EXPECT_EQ(request().max_redirects, 30);
  EXPECT_EQ(request().route, HttpRoute{});
}

TEST_F(ScenarioSettings, ARequestSaysHowItIsMade) {
  EXPECT_EQ(run(R"(
- set: {t: 1.5, yes: "true", n: 3, pem: c.pem}
- get: /
  timeout: 500ms
  allow_redirects: false
  max_redirects: 2
  verify: false
  cert: ${pem}
  ca: /etc/${pem}
  proxy: http://10.0.0.1:3128
  http2: true
  unix_socket: /run/app.sock
- get: /
  timeout: ${t}
  max_redirects: ${n}
  http2: ${yes}
  proxy: env
- get: /
  timeout: 5
)"),
            "");
  EXPECT_EQ(request(0).timeout, std::chrono::milliseconds(500));
  EXPECT_FALSE(request(0).allow_redirects);
  EXPECT_EQ(request(0).max_redirects, 2);
  const HttpRoute& route = request(0).route;
  EXPECT_FALSE(route.verify);
  EXPECT_TRUE(route.http2);
  EXPECT_EQ(route.ca_file, "/etc/c.pem");
  EXPECT_EQ(route.cert_file, "c.pem");
  EXPECT_EQ(route.proxy, "http://10.0.0.1:3128");
  EXPECT_EQ(route.unix_socket, "/run/app.sock");
  EXPECT_EQ(request(1).timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(request(1).max_redirects, 3);
  EXPECT_TRUE(request(1).route.http2);
  EXPECT_EQ(request(1).route.proxy, "env");
  EXPECT_EQ(request(2).timeout, std::chrono::seconds(5));
}

TEST_F(ScenarioSettings, TheRequestsValueWinsOverTheClasssAndNullRemovesIt) {
  EXPECT_EQ(run(R"(
- get: /
- get: /
  timeout: 1
  verify: true
- get: /
  timeout: null
  proxy: null
)",
                "timeout: 5s\nverify: false\nproxy: http://p:${worker_index}"),
            "");
  EXPECT_EQ(request(0).timeout, std::chrono::seconds(5));
  EXPECT_FALSE(request(0).route.verify);
  EXPECT_EQ(request(0).route.proxy, "http://p:0");
  EXPECT_EQ(request(1).timeout, std::chrono::seconds(1));
  EXPECT_TRUE(request(1).route.verify);
  EXPECT_EQ(request(2).timeout, std::chrono::seconds(60));
  EXPECT_EQ(request(2).route.proxy, "");
}

TEST_F(ScenarioSettings, AClasssValueIsEvaluatedForEachRequestAndOnlyIfItCounts) {
  EXPECT_EQ(run(R"(
- get: /
  timeout: 1
  cookies: {token: own}
- set: {token: x, t: 2}
- get: /
)",
                "timeout: ${t}\ncookies: {token: \"${token}\"}"),
            "");
  EXPECT_EQ(request(0).timeout, std::chrono::seconds(1));
  EXPECT_THAT(cookies(0), ElementsAre("token=own"));
  EXPECT_EQ(request(1).timeout, std::chrono::seconds(2));
  EXPECT_THAT(cookies(1), ElementsAre("token=x"));
}

TEST_F(ScenarioSettings, WrongValuesAreExceptionsThatNameTheKey) {
  const auto error_of = [&](const std::string& lines) {
    return run("- set: {x: abc, zero: 0, minus: -1}\n- get: /\n" + lines);
  };
  EXPECT_EQ(error_of("  timeout: ${x}"), "'timeout' needs a time, not a text");
  EXPECT_EQ(error_of("  timeout: ${zero}"), "'timeout' must be above 0");
  EXPECT_EQ(error_of("  verify: ${x}"), "'verify' needs true or false, not a text");
  EXPECT_EQ(error_of("  max_redirects: ${minus}"),
            "'max_redirects' must be a whole number, 0 or more");
  EXPECT_EQ(error_of("  cookies: {a: \"${x};b\"}"),
            "cookie 'a' cannot contain ';' or control characters");
  EXPECT_THAT(context_.requests, IsEmpty());
}

TEST_F(ScenarioSettings, CookiesOfClassAndRequestAreMerged) {
  EXPECT_EQ(run(R"(
- get: /
  cookies: {b: request, c: null, d: "${user_id}"}
- get: /
)",
                "cookies: {a: class, b: class, c: class}"),
            "");
  EXPECT_THAT(cookies(0), ElementsAre("a=class", "b=request", "c=(none)", "d=7"));
  EXPECT_THAT(cookies(1), ElementsAre("a=class", "b=class", "c=class"));
}

TEST_F(ScenarioSettings, StepsChangeTheSessionsCookiesAndBeginANewSession) {
  EXPECT_EQ(run(R"(
- set: {x: 5}
- cookies: {sid: "s${x}", old: null}
- new_session: true
)"),
            "");
  EXPECT_THAT(engine_.cookie_changes,
              ElementsAre("http://shop sid=s5", "http://shop old=(removed)", "reset"));
  EXPECT_EQ(run("- set: {x: a;b}\n- cookies: {sid: \"${x}\"}"),
            "cookie 'sid' cannot contain ';' or control characters");
}

TEST_F(ScenarioSettings, SendsCredentials) {
  EXPECT_EQ(run(R"(
- get: /
  auth: {basic: [u, "p${user_id}"]}
- get: /
  auth: {bearer: "t${user_id}"}
- get: /
  auth: {digest: [u, p]}
)"),
            "");
  EXPECT_EQ(header(request(0), "Authorization"), "Basic dTpwNw==");
  EXPECT_EQ(header(request(1), "Authorization"), "Bearer t7");
  EXPECT_EQ(header(request(2), "Authorization"), "-");
  EXPECT_EQ(request(2).digest, (HttpLogin{"u", "p"}));
  EXPECT_FALSE(request(0).digest);
}

TEST_F(ScenarioSettings, TheNearestCredentialsWin) {
  EXPECT_EQ(run(R"(
- get: /1
- get: /2
  auth: null
- get: /3
  auth: {bearer: own}
- get: /4
  headers: {authorization: own}
- headers: {Authorization: session}
- get: /5
- get: /6
  auth: {digest: [u, p]}
)",
                "auth: {bearer: class}"),
            "");
  EXPECT_EQ(header(request(0), "Authorization"), "Bearer class");
  EXPECT_EQ(header(request(1), "Authorization"), "-");
  EXPECT_EQ(header(request(2), "Authorization"), "Bearer own");
  EXPECT_EQ(header(request(3), "authorization"), "own");
  EXPECT_EQ(header(request(3), "Authorization"), "-");
  EXPECT_EQ(header(request(4), "Authorization"), "session");
  EXPECT_EQ(header(request(5), "Authorization"), "-");
  EXPECT_TRUE(request(5).digest);
}

TEST_F(ScenarioSettings, AClasssDigestGivesWayToAHeader) {
  EXPECT_EQ(run("- get: /1\n- get: /2\n  headers: {Authorization: own}", "auth: {digest: [u, p]}"),
            "");
  EXPECT_TRUE(request(0).digest);
  EXPECT_FALSE(request(1).digest);
}

TEST_F(ScenarioSettings, UsersAreSpreadOverTheSourceAddresses) {
  EXPECT_EQ(run("- get: /", "source_ip: [127.0.0.1, 127.0.0.5-127.0.0.6]"), "");
  EXPECT_EQ(request().route.source_ip, "127.0.0.5") << "user 7 of 3 addresses";
}

TEST_F(ScenarioSettings, TheWorkersSourceAddressesCountInsteadOfTheFiles) {
  load("- get: /", "source_ip: 127.0.0.1");
  program_->set_source_ips({"127.0.0.8", "127.0.0.9"});
  EXPECT_EQ(run_task(), "");
  EXPECT_EQ(request().route.source_ip, "127.0.0.9") << "user 7 of 2 addresses";
}

TEST_F(ScenarioSettings, AddressesOfHostsAndTheTimeToLiveGoToTheResolver) {
  EXPECT_EQ(run("- get: /", "", "resolve: {Shop.Example: 10.0.0.1}\ndns_ttl: 5m\n"), "");
  EXPECT_THAT(program_->plan().resolve, ElementsAre(std::pair("shop.example", "10.0.0.1")));
  EXPECT_EQ(program_->plan().dns_ttl, std::chrono::minutes(5));
  const ResolverOptions resolver = program_->engine_options().resolver;
  EXPECT_THAT(resolver.fixed, ElementsAre(std::pair("shop.example", "10.0.0.1")));
  EXPECT_EQ(resolver.ttl, std::chrono::minutes(5));
}

TEST_F(ScenarioSettings, FindsWhatIsNotOnThisMachineBeforeAnyUserStarts) {
  const std::string tail = "    tasks: {t: [get: /]}\n";
  EXPECT_THAT(compile_errors("users:\n  U:\n    cert: none.pem\n    ca: /no/ca.pem\n" + tail),
              ElementsAre("dir/f.yaml:3:11: cannot read dir/none.pem: No such file or directory",
                          "dir/f.yaml:4:9: cannot read /no/ca.pem: No such file or directory"));
  EXPECT_THAT(compile_errors("users:\n  U:\n    source_ip: 192.0.2.1\n" + tail),
              ElementsAre("dir/f.yaml:3:16: 192.0.2.1 is not an address of this machine"));
  EXPECT_THAT(compile_errors("users:\n  U:\n    source_ip: 10.0.0.9-10.0.0.1\n" + tail),
              ElementsAre("dir/f.yaml:3:16: '10.0.0.9-10.0.0.1' is neither an IP address nor a "
                          "range, such as 10.0.0.1-10.0.0.9"));
  EXPECT_THAT(compile_errors("users:\n  U:\n    source_ip: 10.0.0.0-10.2.0.0\n" + tail),
              ElementsAre("dir/f.yaml:3:16: '10.0.0.0-10.2.0.0' has more than 65536 addresses"));
  EXPECT_THAT(compile_errors("users:\n  U:\n    source_ip: \"${user_id}\"\n" + tail),
              ElementsAre("dir/f.yaml:3:16: 'source_ip' may contain ${env.NAME}, but nothing that "
                          "changes during the run"));
  EXPECT_THAT(compile_errors("resolve: {a: b}\nusers:\n  U:\n" + tail),
              ElementsAre("dir/f.yaml:1:14: 'b' is not an IP address"));
}

TEST_F(ScenarioSettings, ReadsErrorsOfTheFile) {
  const auto errors = [](const std::string& lines) {
    return parse_scenario({{"f.yaml", "users:\n  U:\n    tasks: {t: [get: /]}\n" + lines}}).errors;
  };
  EXPECT_THAT(
      errors("    timeout: soon\n    verify: maybe\n    max_redirects: -1\n"
             "    proxy: 10.0.0.1\n    cert: [a]\n    ca: 5\n    http2: 2\n"
             "    cookies: {\"a b\": x}\n    auth: {kerberos: x}\n"),
      ElementsAre("f.yaml:4:14: 'timeout' must be a time above 0, such as 5 or 500ms",
                  "f.yaml:5:13: 'verify' must be true or false",
                  "f.yaml:6:20: 'max_redirects' must be a whole number, 0 or more",
                  "f.yaml:7:12: 'proxy' must be a URL such as http://10.0.0.1:3128, or env",
                  "f.yaml:8:11: 'cert' must be a single value", "f.yaml:9:9: 'ca' must be a path",
                  "f.yaml:10:12: 'http2' must be true or false",
                  "f.yaml:11:15: 'a b' cannot be the name of a cookie",
                  "f.yaml:12:12: 'auth' is {basic: [user, password]}, "
                  "{digest: [user, password]} or {bearer: token}"));
  EXPECT_THAT(errors("    auth: {basic: u}\n"),
              ElementsAre("f.yaml:4:19: 'basic' must be [user, password]"));
  EXPECT_THAT(errors("dns_ttl: never\n"),
              ElementsAre("f.yaml:4:10: 'dns_ttl' must be a time, such as 60 or 5m"));
  EXPECT_THAT(errors("    on_start: [new_session: false]\n"),
              ElementsAre("f.yaml:4:29: write 'new_session: true'"));
}

}  // namespace
}  // namespace locust::worker
