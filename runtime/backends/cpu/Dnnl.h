//===- Dnnl.h - Objects of oneDNN's C interface -------------------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Private to backends/cpu: oneDNN's handles with owners.
//===--------------------------------------------------------------------===//
#ifndef DS_RUNTIME_BACKENDS_CPU_DNNL_H
#define DS_RUNTIME_BACKENDS_CPU_DNNL_H

#include <dnnl.h>
#include <new>
#include <utility>

namespace ds::rt::dnnl {

/// The same end as for a `new` that fails, and from whatever thread.
inline bool succeeded(dnnl_status_t status) {
  if (status == dnnl_out_of_memory)
    if (std::new_handler handler = std::get_new_handler())
      handler();
  return status == dnnl_success;
}

/// An object of oneDNN's C interface, destroyed with its owner.
template <typename Handle, dnnl_status_t (*destroy)(Handle)> class Owned {
public:
  Owned() = default;
  Owned(Owned &&other) noexcept : handle_(std::exchange(other.handle_, {})) {}
  Owned &operator=(Owned &&other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() {
    if (handle_)
      (void)destroy(handle_);
  }
  Handle *put() { return &handle_; }
  operator Handle() const { return handle_; }

private:
  Handle handle_ = {};
};
using Engine = Owned<dnnl_engine_t, dnnl_engine_destroy>;
using Stream = Owned<dnnl_stream_t, dnnl_stream_destroy>;
using Memory = Owned<dnnl_memory_t, dnnl_memory_destroy>;
using Attributes = Owned<dnnl_primitive_attr_t, dnnl_primitive_attr_destroy>;
using PostOps = Owned<dnnl_post_ops_t, dnnl_post_ops_destroy>;
using Description = Owned<dnnl_primitive_desc_t, dnnl_primitive_desc_destroy>;
using Descriptions =
    Owned<dnnl_primitive_desc_iterator_t, dnnl_primitive_desc_iterator_destroy>;
using Primitive = Owned<dnnl_primitive_t, dnnl_primitive_destroy>;

} // namespace ds::rt::dnnl

#endif // DS_RUNTIME_BACKENDS_CPU_DNNL_H
