//===- CInterface.cpp - include/ds-rt/Session.h over Session ------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Nothing but translation: indices are checked, errors become a code and the
// thread's message, and no exception leaves.
//===--------------------------------------------------------------------===//
#include "ds-rt/Session.h"
#include "session/Session.h"

using namespace ds::rt;

static_assert(DS_U32 == int(ds::plan::DType::u32) &&
              DS_U32 == int(ds::plan::DType::MAX));
static_assert(DS_INPUT_ERROR == int(Code::Input) &&
              DS_USAGE_ERROR == int(Code::Usage) &&
              DS_RANK_LOST == int(Code::RankLost) &&
              DS_INTERNAL_ERROR == int(Code::Internal));

struct ds_session {
  std::unique_ptr<Session> session;
};

namespace {

thread_local std::string lastError;

/// Runs `call`, which returns a Status, and keeps its message.
template <typename Call> ds_status guarded(const Call &call) {
  lastError.clear();
  Status status;
  try {
    status = call();
  } catch (const std::bad_alloc &) {
    status = Status(Code::RankLost, "ran out of memory");
  } catch (const std::exception &error) {
    status = internalError("%s", error.what());
  }
  if (!status.ok())
    lastError = status.message();
  return ds_status(status.code());
}

/// The entry, or null with an error.
const Session::EntryView *entryOf(const ds_session *session, uint32_t index) {
  const auto &entries = session->session->entries();
  return index < entries.size() ? &entries[index] : nullptr;
}

Status noSuch(const char *what, uint32_t index) {
  return usageError("there is no %s %u", what, index);
}

ds_kind kindOf(ds::plan::BufferClass kind) {
  switch (kind) {
  case ds::plan::BufferClass::parameter:
    return DS_PARAMETER;
  case ds::plan::BufferClass::optimizer:
    return DS_OPTIMIZER;
  case ds::plan::BufferClass::input:
    return DS_INPUT;
  default:
    return DS_SCALAR;
  }
}

Status give(const std::vector<TensorView> &views, uint32_t index,
            const char *what, ds_tensor *tensor) {
  if (index >= views.size())
    return noSuch(what, index);
  const TensorView &view = views[index];
  *tensor = {view.name.c_str(),    kindOf(view.kind),
             ds_dtype(view.dtype), uint32_t(view.shape.size()),
             view.shape.data(),    view.data,
             view.bytes,           view.bound};
  return {};
}

} // namespace

const char *ds_error(void) { return lastError.c_str(); }

ds_status ds_session_open(const char *plan, ds_session **session) {
  *session = nullptr;
  return guarded([&]() -> Status {
    auto opened = Session::open(plan);
    if (!opened.ok())
      return opened.status();
    *session = new ds_session{std::move(*opened)};
    return {};
  });
}

void ds_session_close(ds_session *session) { delete session; }

uint32_t ds_session_entries(const ds_session *session) {
  return uint32_t(session->session->entries().size());
}

const char *ds_session_entry_name(const ds_session *session, uint32_t entry) {
  const auto *view = entryOf(session, entry);
  return view ? view->name.c_str() : nullptr;
}

uint32_t ds_session_inputs(const ds_session *session, uint32_t entry) {
  const auto *view = entryOf(session, entry);
  return view ? uint32_t(view->inputs.size()) : 0;
}

ds_status ds_session_input(const ds_session *session, uint32_t entry,
                           uint32_t index, ds_tensor *input) {
  return guarded([&]() -> Status {
    const auto *view = entryOf(session, entry);
    return view ? give(view->inputs, index, "input", input)
                : noSuch("entry", entry);
  });
}

uint32_t ds_session_outputs(const ds_session *session, uint32_t entry) {
  const auto *view = entryOf(session, entry);
  return view ? uint32_t(view->outputs.size()) : 0;
}

const char *ds_session_output_name(const ds_session *session, uint32_t entry,
                                   uint32_t index) {
  const auto *view = entryOf(session, entry);
  return view && index < view->outputs.size() ? view->outputs[index].c_str()
                                              : nullptr;
}

uint32_t ds_session_states(const ds_session *session) {
  return uint32_t(session->session->states().size());
}

ds_status ds_session_state(const ds_session *session, uint32_t index,
                           ds_tensor *state) {
  return guarded([&] {
    return give(session->session->states(), index, "state tensor", state);
  });
}

ds_status ds_session_reset(ds_session *session, uint64_t seed,
                           const char *checkpoint) {
  return guarded([&] {
    return session->session->reset(seed, checkpoint ? checkpoint : "");
  });
}

uint64_t ds_session_step(const ds_session *session) {
  return session->session->step();
}

ds_status ds_session_read(ds_session *session, uint32_t entry, const char *data,
                          uint64_t step) {
  return guarded([&] {
    const auto *view = entryOf(session, entry);
    return view ? session->session->read(*view, data, step)
                : noSuch("entry", entry);
  });
}

ds_status ds_session_run(ds_session *session, uint32_t entry, double *outputs) {
  return guarded([&] {
    const auto *view = entryOf(session, entry);
    return view ? session->session->run(*view, outputs)
                : noSuch("entry", entry);
  });
}

ds_status ds_session_save(ds_session *session, const char *folder) {
  return guarded([&] { return session->session->save(folder); });
}

ds_status ds_session_hash(ds_session *session, uint64_t *hash) {
  return guarded([&]() -> Status {
    auto made = session->session->hash();
    if (!made.ok())
      return made.status();
    *hash = *made;
    return {};
  });
}
