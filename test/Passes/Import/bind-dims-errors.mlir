// RUN: ds-opt %s --ds-bind-dims=batch=2 -split-input-file -verify-diagnostics
//
// A name without a size is named.

// expected-error @below {{expects named dimensions 'batch' and 'seq' with sizes, but got 'heads' without one}}
module {
  func.func private @unknown_name(tensor<?xf32, #ds.dims<heads>>)
}

// -----

// Neither the option nor the module says how long a sequence is.
// expected-error @below {{expects named dimensions 'batch' and 'seq' with sizes, but got 'seq' without one}}
module {
  func.func private @no_length(tensor<?x?xf32, #ds.dims<batch, seq>>)
}

// -----

module attributes {ds.seq_len = 4 : i64} {
  func.func private @length_of_module(tensor<?x?xf32, #ds.dims<batch, seq>>)
}
