#include "master/web/openapi_schemas.h"

#include <string>
#include <utility>
#include <vector>

namespace locust::master::web {
namespace {

Json of_type(std::string_view type) { return {{"type", type}}; }

Json text() { return of_type("string"); }
Json integer() { return of_type("integer"); }
Json number() { return of_type("number"); }
Json truth() { return of_type("boolean"); }

Json one_of(std::vector<std::string_view> values) {
  Json schema = text();
  schema["enum"] = std::move(values);
  return schema;
}

Json list(Json items) { return {{"type", "array"}, {"items", std::move(items)}}; }

// Of any keys.
Json map(Json values) { return {{"type", "object"}, {"additionalProperties", std::move(values)}}; }

Json or_null(Json schema) {
  schema["nullable"] = true;
  return schema;
}

Json ref_or_null(std::string_view name) {
  return or_null({{"type", "object"}, {"allOf", Json::array({schema_ref(name)})}});
}

Json described(Json schema, std::string_view description) {
  schema["description"] = description;
  return schema;
}

// An object that has all of these keys; newer versions may have more.
Json object(Json properties) {
  Json required = Json::array();
  for (const auto& [name, schema] : properties.items()) required.push_back(name);
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

// An object in which any of these keys may be missing.
Json partial(Json properties) {
  return {{"type", "object"}, {"properties", std::move(properties)}};
}

Json pair(Json items) {
  Json schema = list(std::move(items));
  schema["minItems"] = schema["maxItems"] = 2;
  return schema;
}

// A collection, whose version is in the tick.
Json versioned(Json properties) {
  properties["version"] = integer();
  return object(std::move(properties));
}

Json phases() {
  const Json times = map(number());
  return partial({{"dns", times}, {"connect", times}, {"tls", times}, {"first_byte", times}});
}

Json entry() {
  return object(
      {{"method", text()},
       {"name", text()},
       {"num_requests", integer()},
       {"num_failures", integer()},
       {"num_none_requests", described(integer(), "Without a response time")},
       {"avg_response_time", number()},
       {"min_response_time", number()},
       {"max_response_time", number()},
       {"median_response_time", number()},
       {"avg_content_length", number()},
       {"current_rps", number()},
       {"current_fail_per_sec", number()},
       {"total_rps", number()},
       {"total_fail_per_sec", number()},
       {"percentiles", described(map(or_null(number())), "By percent: \"99.9\"")},
       {"phases", described(ref_or_null("Phases"), "By percent; null: none was measured")}});
}

Json total() {
  Json schema = entry();
  schema["properties"]["curve"] =
      described(list(pair(number())), "Pairs of percent and milliseconds");
  schema["required"].push_back("curve");
  return schema;
}

Json run() {
  return object({{"id", described(integer(), "0: there was no test yet")},
                 {"start_time", or_null(number())},
                 {"end_time", or_null(number())},
                 {"host", or_null(described(text(), "Of -H or the form, for all classes"))},
                 {"hosts", described(list(text()), "host, or those of the classes")},
                 {"target_user_count", integer()},
                 {"spawn_rate", number()},
                 {"run_time", or_null(described(integer(), "Seconds"))},
                 {"shape", or_null(text())}});
}

Json threshold() {
  return object({{"text", text()},
                 {"holds", truth()},
                 {"measured", text()},
                 {"margin", text()},
                 {"two_digits", truth()}});
}

Json tick() {
  Json versions = Json::object();
  for (const char* name :
       {"entries", "failures", "exceptions", "workers", "logs", "tasks", "history", "form"}) {
    versions[name] = integer();
  }
  return object({{"time", number()},
                 {"state", one_of({"ready", "spawning", "running", "stopping", "stopped"})},
                 {"run", schema_ref("Run")},
                 {"user_count", integer()},
                 {"user_classes_count", map(integer())},
                 {"worker_count", integer()},
                 {"expected_workers", integer()},
                 {"total", schema_ref("Entry")},
                 {"thresholds", list(schema_ref("Threshold"))},
                 {"warnings", list(text())},
                 {"versions", object(std::move(versions))}});
}

Json entries() {
  return versioned({{"percentiles", list(number())},
                    {"entries", list(schema_ref("Entry"))},
                    {"total", schema_ref("Total")},
                    {"two_digits", truth()}});
}

Json failure() {
  return object({{"method", text()},
                 {"name", text()},
                 {"error", text()},
                 {"occurrences", integer()},
                 {"first_seen", or_null(number())},
                 {"last_seen", or_null(number())},
                 {"exchange", ref_or_null("Exchange")}});
}

Json exchange() {
  return object({{"request", text()},
                 {"response", text()},
                 {"values", list(object({{"what", text()}, {"value", text()}}))}});
}

Json exception() {
  return object(
      {{"count", integer()}, {"msg", text()}, {"traceback", text()}, {"nodes", list(text())}});
}

Json worker() {
  return object({{"id", text()},
                 {"index", integer()},
                 {"state", text()},
                 {"user_count", integer()},
                 {"cpu_usage", described(number(), "Percent of one core")},
                 {"memory_usage", described(integer(), "Bytes")},
                 {"loop_lag", or_null(described(number(), "Milliseconds"))},
                 {"clock_ahead", described(number(), "Seconds")},
                 {"native", truth()},
                 {"limits", described(list(text()), "Why it limits the test")}});
}

Json task() {
  Json schema = object({{"ratio", number()}});
  schema["properties"]["tasks"] = map(schema_ref("Task"));
  return schema;
}

Json marker() {
  return object({{"time", number()},
                 {"kind", one_of({"start", "edit", "stop", "reset", "end"})},
                 {"text", text()}});
}

Json history() {
  Json columns = object({{"time", list(number())},
                         {"user_count", list(integer())},
                         {"requests", list(number())},
                         {"failures", list(number())},
                         {"average", list(or_null(number()))}});
  columns["additionalProperties"] =
      described(list(or_null(number())), "\"p99.9\": the 99.9th percentile");
  return versioned(
      {{"interval", described(integer(), "Seconds per point")},
       {"complete", described(truth(), "These are all points, not those after the given time")},
       {"columns", std::move(columns)},
       {"markers", list(schema_ref("Marker"))},
       {"heat", object({{"bounds", list(number())}, {"cells", list(list(integer()))}})}});
}

Json user_class() {
  return object({{"name", text()},
                 {"weight", number()},
                 {"fixed_count", integer()},
                 {"host", or_null(text())},
                 {"in_test", truth()}});
}

Json argument() {
  return object({{"name", text()},
                 {"default", text()},
                 {"help", text()},
                 {"choices", or_null(list(text()))},
                 {"secret", truth()},
                 {"multiple", described(truth(), "A list, separated by commas")},
                 {"type", one_of({"text", "number", "bool"})}});
}

Json form() {
  return versioned({{"users", integer()},
                    {"spawn_rate", number()},
                    {"host", text()},
                    {"run_time", text()},
                    {"profile", text()},
                    {"class_picker", truth()},
                    {"user_classes", list(schema_ref("UserClass"))},
                    {"shapes", list(text())},
                    {"shape", or_null(text())},
                    {"use_common_options", truth()},
                    {"arguments", list(schema_ref("Argument"))},
                    {"full_history", truth()},
                    {"version_text", text()},
                    {"login", object({{"user", or_null(text())}})},
                    {"csrf", or_null(text())}});
}

Json report() {
  return object({{"kind", one_of({"report"})},
                 {"version_text", text()},
                 {"created", number()},
                 {"tick", schema_ref("Tick")},
                 {"entries", schema_ref("Entries")},
                 {"failures", schema_ref("Failures")},
                 {"exceptions", schema_ref("Exceptions")},
                 {"workers", schema_ref("Workers")},
                 {"tasks", schema_ref("Tasks")},
                 {"history", schema_ref("History")},
                 {"verdicts", list(schema_ref("Threshold"))},
                 {"parameters", list(object({{"name", text()}, {"value", text()}}))},
                 {"invalid_reasons", list(text())}});
}

}  // namespace

Json schema_ref(std::string_view name) {
  return {{"$ref", std::string("#/components/schemas/").append(name)}};
}

Json api_schemas() {
  return {{"Phases", phases()},
          {"Entry", entry()},
          {"Total", total()},
          {"Run", run()},
          {"Threshold", threshold()},
          {"Tick", tick()},
          {"Entries", entries()},
          {"Failure", failure()},
          {"Failures", versioned({{"failures", list(schema_ref("Failure"))}})},
          {"Exchange", exchange()},
          {"TestException", exception()},
          {"Exceptions", versioned({{"exceptions", list(schema_ref("TestException"))}})},
          {"Worker", worker()},
          {"Workers", versioned({{"workers", list(schema_ref("Worker"))}})},
          {"Task", task()},
          {"Tasks",
           versioned({{"per_class", map(schema_ref("Task"))}, {"total", map(schema_ref("Task"))}})},
          {"Logs", versioned({{"master", list(text())}, {"workers", map(list(text()))}})},
          {"Marker", marker()},
          {"History", history()},
          {"UserClass", user_class()},
          {"Argument", argument()},
          {"Form", form()},
          {"Report", report()}};
}

}  // namespace locust::master::web
