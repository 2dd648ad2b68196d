// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of loops says what it expects and what it got.

func.func @no_rounds() {
  // expected-error @below {{'ds.scan' op expects at least one round, but got 0}}
  ds.scan 0 : () -> () {
  ^bb0(%i: tensor<i64>):
    ds.yield
  }
  return
}

// -----

func.func @fewer_than_none() {
  // expected-error @below {{'ds.scan' op expects at least one round, but got -3}}
  ds.scan -3 : () -> () {
  ^bb0(%i: tensor<i64>):
    ds.yield
  }
  return
}

// -----

func.func @dynamic(%x: tensor<?xf32>) {
  // expected-error @below {{'ds.scan' op expects static shapes, but got 'tensor<?xf32>'}}
  ds.scan 2 shared(%x) : (tensor<?xf32>) -> () {
  ^bb0(%i: tensor<i64>, %y: tensor<?xf32>):
    ds.yield
  }
  return
}

// -----

func.func @no_result(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.scan' op expects a result for each of 1 carried values, but got 0 results}}
  ds.scan 2 carry(%x) : (tensor<2xf32>) -> () {
  ^bb0(%i: tensor<i64>, %y: tensor<2xf32>):
    ds.yield %y : tensor<2xf32>
  }
  return
}

// -----

func.func @other_result(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.scan' op expects result 0 to be the last of a carried 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0 = ds.scan 2 carry(%x) : (tensor<2xf32>) -> tensor<3xf32> {
  ^bb0(%i: tensor<i64>, %y: tensor<2xf32>):
    ds.yield %y : tensor<2xf32>
  }
  return
}

// -----

func.func @short_stack(%x: tensor<3x2xf32>) {
  // expected-error @below {{'ds.scan' op expects stacked operand 0 to have 4 entries in its first dimension, but got 'tensor<3x2xf32>'}}
  ds.scan 4 each(%x) : (tensor<3x2xf32>) -> () {
  ^bb0(%i: tensor<i64>, %y: tensor<2xf32>):
    ds.yield
  }
  return
}

// -----

func.func @no_stack(%x: tensor<f32>) {
  // expected-error @below {{'ds.scan' op expects stacked operand 0 to have 4 entries in its first dimension, but got 'tensor<f32>'}}
  ds.scan 4 each(%x) : (tensor<f32>) -> () {
  ^bb0(%i: tensor<i64>, %y: tensor<f32>):
    ds.yield
  }
  return
}

// -----

func.func @short_result(%x: tensor<4xf32>) {
  // expected-error @below {{'ds.scan' op expects stacked result 0 to have 4 entries in its first dimension, but got 'tensor<3xf32>'}}
  %0 = ds.scan 4 each(%x) : (tensor<4xf32>) -> tensor<3xf32> {
  ^bb0(%i: tensor<i64>, %y: tensor<f32>):
    ds.yield %y : tensor<f32>
  }
  return
}

// -----

func.func @no_entry_number(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.scan' op expects a body of 'tensor<i64>', 'tensor<2xf32>', but got one of 'tensor<2xf32>'}}
  %0 = ds.scan 4 carry(%x) : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%y: tensor<2xf32>):
    ds.yield %y : tensor<2xf32>
  }
  return
}

// -----

func.func @whole_entry(%x: tensor<4x2xf32>) {
  // expected-error @below {{'ds.scan' op expects a body of 'tensor<i64>', 'tensor<2xf32>', but got one of 'tensor<i64>', 'tensor<4x2xf32>'}}
  ds.scan 4 each(%x) : (tensor<4x2xf32>) -> () {
  ^bb0(%i: tensor<i64>, %y: tensor<4x2xf32>):
    ds.yield
  }
  return
}

// -----

func.func @yields_less(%x: tensor<2xf32>) {
  %0 = ds.scan 4 carry(%x) : (tensor<2xf32>) -> tensor<2xf32> {
  ^bb0(%i: tensor<i64>, %y: tensor<2xf32>):
    // expected-error @below {{'ds.yield' op expects the scan's carried values and entries, 'tensor<2xf32>', but got }}
    ds.yield
  }
  return
}

// -----

func.func @yields_whole(%x: tensor<4x2xf32>) {
  %0 = ds.scan 4 shared(%x) : (tensor<4x2xf32>) -> tensor<4x2xf32> {
  ^bb0(%i: tensor<i64>, %y: tensor<4x2xf32>):
    // expected-error @below {{'ds.yield' op expects the scan's carried values and entries, 'tensor<2xf32>', but got 'tensor<4x2xf32>'}}
    ds.yield %y : tensor<4x2xf32>
  }
  return
}

// -----

func.func @ends_without_yield() {
  "ds.scan"() <{rounds = 2 : i64, operandSegmentSizes = array<i32: 0, 0, 0>}> ({
  ^bb0(%i: tensor<i64>):
    // expected-error @below {{block with no terminator}}
    %0 = ds.constant dense<1.0> : tensor<2xf32>
  }) : () -> ()
  return
}

// -----

func.func @sees_the_outside(%x: tensor<2xf32>) {
  // expected-note @below {{required by region isolation constraints}}
  ds.scan 2 : () -> () {
  ^bb0(%i: tensor<i64>):
    // expected-error @below {{'ds.exp' op using value defined outside the region}}
    %0 = ds.exp %x : tensor<2xf32>
    ds.yield
  }
  return
}

// -----

ds.parameter @w : tensor<2xf32> = #ds.fill<1.0>
func.func @reads_state() {
  ds.scan 2 : () -> () {
  ^bb0(%i: tensor<i64>):
    // expected-error @below {{'ds.read' op reads or writes state or meets other ranks, which the body of a 'ds.scan' cannot; do it outside}}
    %0 = ds.read @w : tensor<2xf32>
    ds.yield
  }
  return
}

// -----

func.func @drops(%x: tensor<4x2xf32>) {
  %0 = ds.scan 3 carry(%x) : (tensor<4x2xf32>) -> tensor<4x2xf32> {
  ^bb0(%i: tensor<i64>, %y: tensor<4x2xf32>):
    // expected-error @below {{'ds.dropout' op drops the same elements in every round of a 'ds.scan'; write the loop out}}
    %1 = ds.dropout %y <"h.drop", 0.25> : tensor<4x2xf32>
    ds.yield %1 : tensor<4x2xf32>
  }
  return
}

// -----

func.func @yields_to_nobody(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.yield' op expects parent op 'ds.scan'}}
  ds.yield %x : tensor<2xf32>
}
