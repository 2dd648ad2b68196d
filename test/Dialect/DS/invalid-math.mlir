// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of arithmetic says what it expects and what it got.

func.func @add_suffix(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error @below {{'ds.add' op expects the right operand to have the left one's shape or a suffix of it, but got 'tensor<2x3xf32>' and 'tensor<2xf32>'}}
  %0 = ds.add %x, %y : tensor<2x3xf32>, tensor<2xf32>
  return
}

// -----

func.func @sub_rank(%x: tensor<3xf32>, %y: tensor<2x3xf32>) {
  // expected-error @below {{'ds.sub' op expects the right operand to have the left one's shape or a suffix of it, but got 'tensor<3xf32>' and 'tensor<2x3xf32>'}}
  %0 = ds.sub %x, %y : tensor<3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @mul_types(%x: tensor<3xf32>, %y: tensor<3xf64>) {
  // expected-error @below {{'ds.mul' op expects equal element types, but got 'tensor<3xf32>' and 'tensor<3xf64>'}}
  %0 = ds.mul %x, %y : tensor<3xf32>, tensor<3xf64>
  return
}

// -----

// Equal sizes are not known of two names.
func.func @div_names(%x: tensor<?xf32, #ds.dims<batch>>, %y: tensor<?xf32, #ds.dims<seq>>) {
  // expected-error @below {{'ds.div' op expects the right operand to have the left one's shape or a suffix of it, but got 'tensor<?xf32, #ds.dims<batch>>' and 'tensor<?xf32, #ds.dims<seq>>'}}
  %0 = ds.div %x, %y : tensor<?xf32, #ds.dims<batch>>, tensor<?xf32, #ds.dims<seq>>
  return
}

// -----

func.func @add_result(%x: tensor<3xf32>) {
  // expected-error @below {{'ds.add' op failed to verify that result has the left operand's type}}
  %0 = "ds.add"(%x, %x) : (tensor<3xf32>, tensor<3xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @gelu_grad_result(%x: tensor<3xf32>, %g: tensor<4xf32>) {
  // expected-error @below {{'ds.gelu_grad' op failed to verify that grad has the input's type}}
  %0 = "ds.gelu_grad"(%x, %g) : (tensor<3xf32>, tensor<4xf32>) -> tensor<3xf32>
  return
}

// -----

func.func @dot_letters(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) {
  // expected-error @below {{'ds.dot' op expects one letter per dimension, but got 'ikl' for 'tensor<2x3xf32>'}}
  %0 = ds.dot "ikl,kj->ij" %x, %y : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @dot_distinct(%x: tensor<2x2xf32>, %y: tensor<2x4xf32>) {
  // expected-error @below {{'ds.dot' op expects distinct lower-case letters, but got 'kk'}}
  %0 = ds.dot "kk,kj->kj" %x, %y : (tensor<2x2xf32>, tensor<2x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @dot_lower_case(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) {
  // expected-error @below {{'ds.dot' op expects distinct lower-case letters, but got 'Ik'}}
  %0 = ds.dot "Ik,kj->Ij" %x, %y : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @dot_sizes(%x: tensor<2x3xf32>, %y: tensor<5x4xf32>) {
  // expected-error @below {{'ds.dot' op expects dimension 'k' to be one size, but got 'tensor<5x4xf32>' and 'tensor<2x3xf32>'}}
  %0 = ds.dot "ik,kj->ij" %x, %y : (tensor<2x3xf32>, tensor<5x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @dot_once(%x: tensor<2x3xf32>, %y: tensor<4xf32>) {
  // expected-error @below {{'ds.dot' op expects every letter twice, but got 'k' once in "ik,j->ij"}}
  %0 = ds.dot "ik,j->ij" %x, %y : (tensor<2x3xf32>, tensor<4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @dot_narrow_result(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) {
  // expected-error @below {{'ds.dot' op expects equal element types, or two of 16 bits and a float32 result, but got 'tensor<2x3xf32>', 'tensor<3x4xf32>' and 'tensor<2x4xbf16>'}}
  %z = ds.dot "mk,kn->mn" %x, %y : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xbf16>
  return
}

// -----

func.func @dot_other_result(%x: tensor<2x3xbf16>, %y: tensor<3x4xbf16>) {
  // expected-error @below {{'ds.dot' op expects equal element types, or two of 16 bits and a float32 result, but got 'tensor<2x3xbf16>', 'tensor<3x4xbf16>' and 'tensor<2x4xf16>'}}
  %z = ds.dot "mk,kn->mn" %x, %y : (tensor<2x3xbf16>, tensor<3x4xbf16>) -> tensor<2x4xf16>
  return
}

// -----

func.func @dot_types(%x: tensor<2x3xf32>, %y: tensor<3x4xf64>) {
  // expected-error @below {{'ds.dot' op expects equal element types, or two of 16 bits and a float32 result, but got 'tensor<2x3xf32>', 'tensor<3x4xf64>' and 'tensor<2x4xf32>'}}
  %0 = ds.dot "ik,kj->ij" %x, %y : (tensor<2x3xf32>, tensor<3x4xf64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @sum_leading(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.sum' op expects a result of the input's last dimensions, but got 'tensor<2xf32>' from 'tensor<2x3xf32>'}}
  %0 = ds.sum %x : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @sum_trailing(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.sum' op expects a result of the input's first dimensions, but got 'tensor<3xf32>' from 'tensor<2x3xf32>'}}
  %0 = ds.sum %x {trailing} : tensor<2x3xf32> -> tensor<3xf32>
  return
}

// -----

func.func @sum_nothing(%x: tensor<2x3xf32>) {
  // expected-error @below {{'ds.sum' op expects a result of the input's last dimensions, but got 'tensor<2x3xf32>' from 'tensor<2x3xf32>'}}
  %0 = ds.sum %x : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_suffix(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.broadcast' op expects the input's shape to be a suffix of the result's, but got 'tensor<2xf32>' to 'tensor<2x3xf32>'}}
  %0 = ds.broadcast %x : tensor<2xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @dot_add_larger(%sum: tensor<4x5xf32>, %a: tensor<6x2xf32>, %b: tensor<2x5xf32>) {
  // expected-error @below {{expects dimension 'm' to be one size, but got 'tensor<4x5xf32>' and 'tensor<6x2xf32>'}}
  %0 = ds.dot_add %sum, "mk,kn->mn" %a, %b : tensor<4x5xf32>, tensor<6x2xf32>, tensor<2x5xf32>
  return
}

// -----

func.func @dot_add_summed(%sum: tensor<4x5xf32>, %a: tensor<4x3xf32>, %b: tensor<2x5xf32>) {
  // expected-error @below {{expects dimension 'k' to be one size, but got 'tensor<2x5xf32>' and 'tensor<4x3xf32>'}}
  %0 = ds.dot_add %sum, "mk,kn->mn" %a, %b : tensor<4x5xf32>, tensor<4x3xf32>, tensor<2x5xf32>
  return
}
