// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// What a schedule must be.

// expected-error @below {{expects a positive peak, but got 0}}
func.func private @f() attributes {a = #ds.schedule<peak = 0.0>}

// -----

// expected-error @below {{expects a warm-up of shape "linear" or "log", but got "cubic"}}
func.func private @f() attributes {a = #ds.warmup<shape = "cubic", from = 0.0, steps = 9, shift = 0>}

// -----

// expected-error @below {{expects a warm-up from a rate of at least 0, but got -1}}
func.func private @f() attributes {a = #ds.warmup<shape = "log", from = -1.0, steps = 9, shift = 0>}

// -----

// expected-error @below {{expects a log warm-up of 2 to 2^52 steps, but got 1 shifted by 0}}
func.func private @f() attributes {a = #ds.warmup<shape = "log", from = 0.0, steps = 1, shift = 0>}

// -----

// expected-error @below {{expects a linear warm-up of 1 to 2^52 steps, but got 0 shifted by 5}}
func.func private @f() attributes {a = #ds.warmup<shape = "linear", from = 0.0, steps = 0, shift = 5>}

// -----

// expected-error @below {{expects a log warm-up of 2 to 2^52 steps, but got 3 shifted by -9223372036854775808}}
func.func private @f() attributes {a = #ds.warmup<shape = "log", from = 0.0, steps = 3, shift = -9223372036854775808>}

// -----

// expected-error @below {{expects a decay of shape "linear" or "cosine", but got "log"}}
func.func private @f() attributes {a = #ds.decay<shape = "log", to = 0.0, begin = 0, steps = 9>}

// -----

// expected-error @below {{expects a decay to a rate of at least 0, but got -1}}
func.func private @f() attributes {a = #ds.decay<shape = "linear", to = -1.0, begin = 0, steps = 9>}

// -----

// expected-error @below {{expects a decay of 1 to 2^52 steps that begins at step 0 to 2^52, but got 0 steps from step 3}}
func.func private @f() attributes {a = #ds.decay<shape = "linear", to = 0.0, begin = 3, steps = 0>}

// -----

// expected-error @below {{expects the decay after the warm-up, which ends at step 10, but it begins at step 8}}
func.func private @f() attributes {a = #ds.schedule<peak = 1.0,
    warmup = <shape = "linear", from = 0.0, steps = 9, shift = -1>,
    decay = <shape = "linear", to = 0.0, begin = 8, steps = 9>>}
