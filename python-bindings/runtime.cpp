//===- runtime.cpp - ds_mlir._runtime: sessions for Python --------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// include/ds-rt/Session.h as a class.  Tensors are views of the session's own
// memory, which they keep alive; the interpreter is released while anything
// runs.  What the class promises is in ds_mlir/_runtime.pyi.
//===--------------------------------------------------------------------===//
#include "ds-rt/Session.h"

#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

namespace nb = nanobind;

namespace {

using View = nb::ndarray<nb::numpy>;

/// Raises the exception of ds_mlir.errors that belongs to a status.
void check(ds_status status) {
  if (status == DS_OK)
    return;
  nb::object error = nb::module_::import_("ds_mlir.errors")
                         .attr("of_status")(int(status), ds_error());
  PyErr_SetObject(reinterpret_cast<PyObject *>(Py_TYPE(error.ptr())),
                  error.ptr());
  throw nb::python_error();
}

nb::dlpack::dtype dtypeOf(const ds_tensor &tensor) {
  switch (tensor.dtype) {
  case DS_F32:
    return nb::dtype<float>();
  case DS_F64:
    return nb::dtype<double>();
  case DS_I32:
    return nb::dtype<int32_t>();
  case DS_I64:
    return nb::dtype<int64_t>();
  case DS_U8:
    return nb::dtype<uint8_t>();
  case DS_U32:
    return nb::dtype<uint32_t>();
  default: // numpy has no bfloat16: 16-bit floats are seen as their bits
    return nb::dtype<uint16_t>();
  }
}

class Session {
public:
  explicit Session(const std::string &plan) {
    ds_status status;
    {
      nb::gil_scoped_release release;
      status = ds_session_open(plan.c_str(), &session_);
    }
    check(status);
  }
  ~Session() { ds_session_close(session_); }
  Session(const Session &) = delete;

  ds_session *get() const { return session_; }

  /// The index of an entry; KeyError where there is none.
  uint32_t entry(const std::string &name) const {
    for (uint32_t i = 0; i < ds_session_entries(session_); ++i)
      if (name == ds_session_entry_name(session_, i))
        return i;
    throw nb::key_error(("the plan has no entry '" + name + "'").c_str());
  }

  /// Calls `function` with the session, the interpreter released.
  template <typename Function, typename... Args>
  void call(Function function, Args... args) const {
    ds_status status;
    {
      nb::gil_scoped_release release;
      status = function(session_, args...);
    }
    check(status);
  }

private:
  ds_session *session_ = nullptr;
};

View viewOf(const ds_tensor &tensor, nb::handle owner) {
  const std::vector<size_t> shape(tensor.shape, tensor.shape + tensor.dims);
  return View(tensor.data, shape.size(), shape.data(), owner,
              /*strides=*/nullptr, dtypeOf(tensor));
}

nb::dict inputs(nb::handle self, const std::string &name) {
  const auto &session = nb::cast<const Session &>(self);
  const uint32_t entry = session.entry(name);
  nb::dict views;
  for (uint32_t i = 0; i < ds_session_inputs(session.get(), entry); ++i) {
    ds_tensor tensor;
    check(ds_session_input(session.get(), entry, i, &tensor));
    views[tensor.name] = viewOf(tensor, self);
  }
  return views;
}

nb::dict states(nb::handle self, std::optional<std::string> kind) {
  static const char *const names[] = {"parameter", "optimizer", "scalar"};
  const auto &session = nb::cast<const Session &>(self);
  nb::dict views;
  for (uint32_t i = 0; i < ds_session_states(session.get()); ++i) {
    ds_tensor tensor;
    check(ds_session_state(session.get(), i, &tensor));
    if (!kind || *kind == names[tensor.kind])
      views[tensor.name] = viewOf(tensor, self);
  }
  return views;
}

std::vector<std::string> entries(const Session &session) {
  std::vector<std::string> names;
  for (uint32_t i = 0; i < ds_session_entries(session.get()); ++i)
    names.push_back(ds_session_entry_name(session.get(), i));
  return names;
}

nb::dict run(const Session &session, const std::string &name) {
  const uint32_t entry = session.entry(name);
  std::vector<double> values(ds_session_outputs(session.get(), entry));
  session.call(ds_session_run, entry, values.data());
  nb::dict outputs;
  for (uint32_t i = 0; i < values.size(); ++i)
    outputs[ds_session_output_name(session.get(), entry, i)] = values[i];
  return outputs;
}

} // namespace

NB_MODULE(_runtime, module) {
  nb::class_<Session>(module, "Session")
      .def(nb::init<const std::string &>(), nb::arg("plan"))
      .def_prop_ro("entries", &entries)
      .def("inputs", &inputs, nb::arg("entry"))
      .def("states", &states, nb::arg("kind") = nb::none())
      .def_prop_ro("step",
                   [](const Session &s) { return ds_session_step(s.get()); })
      .def(
          "reset",
          [](const Session &s, uint64_t seed,
             const std::optional<std::string> &checkpoint) {
            s.call(ds_session_reset, seed,
                   checkpoint ? checkpoint->c_str() : nullptr);
          },
          nb::arg("seed") = 0, nb::arg("checkpoint") = nb::none())
      .def(
          "read",
          [](const Session &s, const std::string &entry,
             const std::string &data, uint64_t step) {
            s.call(ds_session_read, s.entry(entry), data.c_str(), step);
          },
          nb::arg("entry"), nb::arg("data"), nb::arg("step"))
      .def("run", &run, nb::arg("entry"))
      .def(
          "save",
          [](const Session &s, const std::string &folder) {
            s.call(ds_session_save, folder.c_str());
          },
          nb::arg("folder"))
      .def("hash", [](const Session &s) {
        uint64_t hash = 0;
        s.call(ds_session_hash, &hash);
        return hash;
      });
}
