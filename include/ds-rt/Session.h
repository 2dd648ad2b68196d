//===- Session.h - Running a plan in the caller's process ---------------===//
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The C interface of the runtime, for plans of world 1: open a plan, put
// values into the memory that it names, run a step, read what came out.
// Nothing is copied on the way: inputs and state are seen where the plan has
// them.
//
//   ds_session *session;
//   if (ds_session_open("model.dsplan", &session) != DS_OK ||
//       ds_session_reset(session, /*seed=*/0, /*checkpoint=*/NULL) != DS_OK)
//     return puts(ds_error());
//   ds_tensor tokens;
//   ds_session_input(session, 0, 0, &tokens);
//   memcpy(tokens.data, ...);
//   double outputs[3]; // loss, grad_norm, lr
//   ds_session_run(session, 0, outputs);
//
// A session computes on threads of its own: settings of the caller's threads
// (OpenMP, floating point) neither matter nor change.  Calls on one session
// take turns, whatever threads they come from; sessions are independent.  A
// child of fork() cannot use the sessions of its parent.
//===--------------------------------------------------------------------===//
#ifndef DS_RT_SESSION_H
#define DS_RT_SESSION_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A plan that is ready to run, and its memory.
typedef struct ds_session ds_session;

/// What every call returns that can fail: the exit codes of ds-run.
typedef enum ds_status {
  DS_OK = 0,
  DS_INPUT_ERROR = 1,    ///< The input or the machine is at fault.
  DS_USAGE_ERROR = 2,    ///< The caller is: an index, an order of calls.
  DS_RANK_LOST = 3,      ///< The machine's memory ran out on the way.
  DS_INTERNAL_ERROR = 70 ///< Our own bug.
} ds_status;

/// The numbers of DType in plan.fbs.
typedef enum ds_dtype {
  DS_F32,
  DS_F64,
  DS_BF16,
  DS_F16,
  DS_I32,
  DS_I64,
  DS_U8,
  DS_U16,
  DS_U32
} ds_dtype;

typedef enum ds_kind {
  DS_PARAMETER,
  DS_OPTIMIZER,
  DS_SCALAR,
  DS_INPUT
} ds_kind;

/// A tensor in the memory of a session, row-major and packed.  All pointers
/// are the session's and valid until it is closed.
typedef struct ds_tensor {
  const char *name;
  ds_kind kind;
  ds_dtype dtype;
  uint32_t dims;         ///< The number of dimensions; 0: one element.
  const uint64_t *shape; ///< Of an input: [accumulation, micro-batch, ...].
  void *data;
  uint64_t bytes;
  uint64_t bound; ///< Integers are in [0, bound); 0: not checked.
} ds_tensor;

/// Why the last call of this thread failed, one line; "" when it did not.
/// Valid until the next call of this thread.
const char *ds_error(void);

/// Reads and verifies a plan of world 1 and makes its memory resident.  The
/// caller closes the session.
ds_status ds_session_open(const char *plan, ds_session **session);
/// Gives the memory back; null is fine.
void ds_session_close(ds_session *session);

/// The entries of the plan: train, evaluate, ...  A name past the end is null.
uint32_t ds_session_entries(const ds_session *session);
const char *ds_session_entry_name(const ds_session *session, uint32_t entry);

/// The inputs of an entry.  What lies in `data` is used by the next run and is
/// undefined after it: an input's memory serves other purposes in a step.
uint32_t ds_session_inputs(const ds_session *session, uint32_t entry);
ds_status ds_session_input(const ds_session *session, uint32_t entry,
                           uint32_t index, ds_tensor *input);

/// The numbers that an entry reports, in the order of ds_session_run.
uint32_t ds_session_outputs(const ds_session *session, uint32_t entry);
const char *ds_session_output_name(const ds_session *session, uint32_t entry,
                                   uint32_t index);

/// Parameters, optimizer state and loop state, which may be read and written
/// between runs.
uint32_t ds_session_states(const ds_session *session);
ds_status ds_session_state(const ds_session *session, uint32_t index,
                           ds_tensor *state);

/// Begins anew: with the initial values of `seed`, and with those of a
/// checkpoint (a folder, one step of it, or a .safetensors of parameters) where
/// that is not null.  Required once before the first run.
ds_status ds_session_reset(ds_session *session, uint64_t seed,
                           const char *checkpoint);

/// Updates done so far.
uint64_t ds_session_step(const ds_session *session);

/// Fills the inputs of an entry with those of step `step` of what
/// `ds-run --data` takes: a text, .bin or .safetensors file, or random:SEED.
ds_status ds_session_read(ds_session *session, uint32_t entry, const char *data,
                          uint64_t step);

/// Runs an entry once; `outputs`, one for each output, may be null.  Integers
/// of inputs that are out of their bound are refused before anything runs.
ds_status ds_session_run(ds_session *session, uint32_t entry, double *outputs);

/// Writes FOLDER/step-<updates done> and its manifest, as ds-run --save does.
ds_status ds_session_save(ds_session *session, const char *folder);

/// The hash of parameters and optimizer state that ds-run reports.
ds_status ds_session_hash(ds_session *session, uint64_t *hash);

#ifdef __cplusplus
}
#endif

#endif // DS_RT_SESSION_H
