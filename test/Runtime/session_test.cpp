//===- session_test.cpp - The C interface of sessions -------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// A plan of one parameter, one input and a counter, through the C interface
// alone: what it tells, what it runs, and each way of using it wrongly.
//===--------------------------------------------------------------------===//
#include "Check.h"
#include "ds-rt/Session.h"
#include "plan/Plan.h"

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace {

/// `train` counts its calls, and `evaluate` reports the count.
const char *const kPlan = R"({
"world": WORLD, "target": {"arch": "x86-64"}, "facts": {"model": "tiny"},
"rank_programs": [RANKS], "groups": [{"ranks": [LIST]}],
"programs": [{"name": "tiny",
  "arenas": [{"bytes": 4096, "lower_bound_bytes": 256}],
  "buffers": [
    {"name": "w", "offset": 0, "bytes": 24, "shape": [2, 3], "kind": "parameter", "persistent": true, "last": 1},
    {"name": "step", "offset": 64, "bytes": 8, "dtype": "i64", "kind": "scalar", "persistent": true, "last": 1},
    {"name": "one", "offset": 128, "bytes": 8, "dtype": "f64", "kind": "scalar", "persistent": true, "last": 1},
    {"name": "tokens", "offset": 192, "bytes": 16, "dtype": "i32", "shape": [2, 2], "kind": "input", "last": 1}],
  "blocks": [{"instrs": [{"name": "count", "op_type": "Scalar", "op": {"op": "add", "dtype": "i64", "a_dtype": "i64",
      "b_dtype": "f64", "dst": {"buffer": 1, "offset": 0}, "a": {"buffer": 1, "offset": 0},
      "b": {"buffer": 2, "offset": 0}}}]},
    {"instrs": [{"name": "look", "op_type": "Scalar", "op": {"op": "set", "dtype": "f64", "immediate": 1,
      "dst": {"buffer": 2, "offset": 0}, "a": {"buffer": 2, "offset": 0}, "b": {"buffer": 2, "offset": 0}}}]}],
  "entries": [
    {"name": "train", "block": 0, "inputs": [{"name": "tokens", "buffer": 3, "bound": 10}],
     "outputs": [{"name": "count", "buffer": 1}]},
    {"name": "evaluate", "block": 1, "outputs": [{"name": "count", "buffer": 1}, {"name": "one", "buffer": 2}]}],
  "states": [
    {"buffer": 0, "elements": 6, "tensors": [{"name": "w", "shape": [2, 3], "offset": 0, "kind": "parameter",
      "key0": 1, "key1": 2, "init": {"kind": "normal", "std": 0.5}}]},
    {"buffer": 1, "elements": 1, "tensors": [{"name": "step", "offset": 0, "kind": "scalar",
      "init": {"kind": "constant", "value": 0}}]},
    {"buffer": 2, "elements": 1, "tensors": [{"name": "one", "offset": 0, "kind": "scalar",
      "init": {"kind": "constant", "value": 1}}]}]
}]})";

std::string folder;

std::string replaced(std::string text, const std::string &from,
                     const std::string &to) {
  return text.replace(text.find(from), from.size(), to);
}

/// Writes the plan for a world of 1 or 2; returns its path.
std::string writePlan(int world, const std::string &arch = "x86-64") {
  std::string text = replaced(kPlan, "WORLD", std::to_string(world));
  text = replaced(text, "x86-64", arch);
  text = replaced(text, "RANKS", world == 1 ? "0" : "0, 0");
  text = replaced(text, "LIST", world == 1 ? "0" : "0, 1");
  const std::string json = folder + "/plan.json";
  std::ofstream(json) << text;
  ds::plan::PlanT plan;
  const ds::rt::Status read = ds::rt::assemblePlan(json, plan);
  ds::test::check(read.ok(), "no error", __FILE__, __LINE__, read.message());
  const std::string path =
      folder + "/" + std::to_string(world) + "-world.dsplan";
  const ds::rt::Status written = ds::rt::writePlan(plan, {}, {}, path);
  ds::test::check(written.ok(), "no error", __FILE__, __LINE__,
                  written.message());
  return path;
}

void good(ds_status status, int line) {
  ds::test::check(status == DS_OK, "DS_OK", __FILE__, line, ds_error());
}
#define GOOD(call) good((call), __LINE__)
/// That the call fails so, with exactly this message.
#define BAD(call, code, message)                                               \
  do {                                                                         \
    CHECK((call) == (code));                                                   \
    const std::string wanted = (message);                                      \
    ds::test::check(wanted == ds_error(), wanted.c_str(), __FILE__, __LINE__,  \
                    ds_error());                                               \
  } while (false)

void tells(const ds_session *session) {
  CHECK(ds_session_entries(session) == 2);
  CHECK(std::string(ds_session_entry_name(session, 1)) == "evaluate");
  CHECK(ds_session_entry_name(session, 2) == nullptr);
  CHECK(ds_session_inputs(session, 0) == 1);
  CHECK(ds_session_inputs(session, 9) == 0);
  CHECK(ds_session_outputs(session, 1) == 2);
  CHECK(std::string(ds_session_output_name(session, 1, 1)) == "one");
  CHECK(ds_session_output_name(session, 1, 2) == nullptr);
  ds_tensor tensor;
  GOOD(ds_session_input(session, 0, 0, &tensor));
  CHECK(std::string(tensor.name) == "tokens" && tensor.kind == DS_INPUT);
  CHECK(tensor.dtype == DS_I32 && tensor.bytes == 16 && tensor.bound == 10);
  CHECK(tensor.dims == 2 && tensor.shape[0] == 2 && tensor.shape[1] == 2);
  CHECK(ds_session_states(session) == 3);
  GOOD(ds_session_state(session, 0, &tensor));
  CHECK(std::string(tensor.name) == "w" && tensor.kind == DS_PARAMETER);
  CHECK(tensor.dtype == DS_F32 && tensor.bytes == 24 && tensor.dims == 2);
  BAD(ds_session_state(session, 3, &tensor), DS_USAGE_ERROR,
      "there is no state tensor 3");
  BAD(ds_session_input(session, 0, 1, &tensor), DS_USAGE_ERROR,
      "there is no input 1");
  BAD(ds_session_input(session, 2, 0, &tensor), DS_USAGE_ERROR,
      "there is no entry 2");
}

void runs(ds_session *session) {
  double count = 0, both[2] = {};
  BAD(ds_session_run(session, 0, &count), DS_USAGE_ERROR,
      "the session has no state yet: reset it first");
  BAD(ds_session_save(session, (folder + "/out").c_str()), DS_USAGE_ERROR,
      "the session has no state yet: reset it first");
  GOOD(ds_session_reset(session, 3, nullptr));
  ds_tensor w, tokens;
  GOOD(ds_session_state(session, 0, &w));
  std::vector<float> first(6);
  std::memcpy(first.data(), w.data, 24);
  CHECK(first[0] != 0 && first[0] != first[1]);
  for (int i = 1; i <= 3; ++i) {
    GOOD(ds_session_read(session, 0, "random:0", 0));
    GOOD(ds_session_run(session, 0, &count));
    CHECK(count == i && ds_session_step(session) == uint64_t(i));
  }
  GOOD(ds_session_run(session, 1, both));
  CHECK(both[0] == 3 && both[1] == 1 && ds_session_step(session) == 3);
  GOOD(ds_session_run(session, 1, nullptr));

  GOOD(ds_session_input(session, 0, 0, &tokens));
  static_cast<int32_t *>(tokens.data)[2] = 10;
  BAD(ds_session_run(session, 0, &count), DS_INPUT_ERROR,
      "input 'tokens' has the value 10 at element 2, but the plan takes 0 to "
      "9");
  static_cast<int32_t *>(tokens.data)[2] = -1;
  BAD(ds_session_run(session, 0, &count), DS_INPUT_ERROR,
      "input 'tokens' has the value -1 at element 2, but the plan takes 0 to "
      "9");
  CHECK(ds_session_step(session) == 3);
}

void savesAndBeginsAnew(ds_session *session) {
  const std::string out = folder + "/out";
  uint64_t before = 0, after = 0;
  GOOD(ds_session_hash(session, &before));
  GOOD(ds_session_save(session, out.c_str()));
  CHECK(std::filesystem::exists(out + "/step-3/model.safetensors"));
  GOOD(ds_session_reset(session, 4, nullptr));
  GOOD(ds_session_hash(session, &after));
  CHECK(before != after && ds_session_step(session) == 0);
  GOOD(ds_session_reset(session, 4, out.c_str()));
  GOOD(ds_session_hash(session, &after));
  CHECK(before == after && ds_session_step(session) == 3);
  CHECK(ds_session_reset(session, 0, "nowhere") == DS_INPUT_ERROR);
  CHECK_CONTAINS(std::string(ds_error()), "'nowhere'");
  GOOD(ds_session_hash(session, &after)); // what there was is still there
  CHECK(before == after);
  CHECK(ds_session_read(session, 0, "random:x", 0) == DS_USAGE_ERROR);
}

void callersTakeTurns(ds_session *session) {
  GOOD(ds_session_reset(session, 0, nullptr));
  GOOD(ds_session_read(session, 0, "random:0", 0));
  std::vector<std::thread> callers;
  for (int i = 0; i < 4; ++i)
    callers.emplace_back([&] {
      for (int n = 0; n < 50; ++n)
        GOOD(ds_session_run(session, 0, nullptr));
    });
  for (std::thread &caller : callers)
    caller.join();
  CHECK(ds_session_step(session) == 200);
}

/// A child neither hangs nor computes, whatever it does with the session.
void childrenAreRefused(ds_session *session) {
  const pid_t child = fork();
  if (child == 0) {
    const bool refused = ds_session_run(session, 0, nullptr) == DS_USAGE_ERROR;
    ds_session_close(session);
    _exit(refused ? 0 : 1);
  }
  int status = -1;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
}

} // namespace

int main() {
  char made[] = "/tmp/ds-session-XXXXXX";
  folder = mkdtemp(made);
  ds_session *session = nullptr;
  CHECK(ds_session_open("none.dsplan", &session) == DS_INPUT_ERROR);
  CHECK(session == nullptr);
  const std::string two = writePlan(2);
  BAD(ds_session_open(two.c_str(), &session), DS_USAGE_ERROR,
      "'" + two +
          "' is for a world of 2, and a process can run one rank: "
          "start it with ds-run, or compile with --world=1");
  const std::string gpu = writePlan(1, "nvidia");
  BAD(ds_session_open(gpu.c_str(), &session), DS_INPUT_ERROR,
      "'" + gpu +
          "' is for NVIDIA GPUs, and a session runs on CPUs so far: run it "
          "with ds-run, or compile with --machine=host");
  GOOD(ds_session_open(writePlan(1).c_str(), &session));
  if (session) {
    tells(session);
    runs(session);
    savesAndBeginsAnew(session);
    callersTakeTurns(session);
    childrenAreRefused(session);
  }
  ds_session_close(session);
  ds_session_close(nullptr);
  std::filesystem::remove_all(folder);
  return ds::test::finish("session");
}
