// RUN: ds-opt %s --ds-remat-pointwise | FileCheck %s
// RUN: ds-opt %s --ds-remat-pointwise -cse -canonicalize | FileCheck %s
//
// What one pass over kept activations gives is made again for the gradient ops
// that need it, behind a barrier that CSE may not merge.

!x = tensor<2x4xf32>

// CHECK-LABEL: func @activation_function(
// CHECK-SAME: %[[IN:[^:]+]]: tensor<2x4xf32>, %[[G:[^:]+]]: tensor<2x4xf32>)
// CHECK-NEXT: %[[X:.+]] = ds.neg %[[IN]]
// CHECK-NEXT: %[[H:.+]] = ds.gelu %[[X]] {ds.block = 0 : i64}
// CHECK-NEXT: ds.mul %[[H]], %[[IN]]
// CHECK-NEXT: %[[D:.+]] = ds.neg %[[G]] {ds.backward}
// CHECK-NEXT: %[[X2:.+]] = ds.barrier %[[X]] 0 after %[[D]]
// CHECK-NEXT: %[[H2:.+]] = ds.gelu %[[X2]] {ds.backward, ds.block = 0 : i64}
// CHECK-NEXT: ds.dot "sk,sn->kn" %[[H2]], %[[D]] {ds.backward}
// CHECK-NEXT: ds.gelu_grad %[[X]], %[[D]] {ds.backward}
// CHECK-NEXT: return
func.func @activation_function(%in: !x, %g: !x) -> (!x, tensor<4x4xf32>, !x) {
  %x = ds.neg %in : !x
  %h = ds.gelu %x {ds.block = 0 : i64} : !x
  %y = ds.mul %h, %in : !x, !x
  %d = ds.neg %g {ds.backward} : !x
  %w = ds.dot "sk,sn->kn" %h, %d {ds.backward} : (!x, !x) -> tensor<4x4xf32>
  %dx = ds.gelu_grad %x, %d {ds.backward} : !x
  return %y, %w, %dx : !x, tensor<4x4xf32>, !x
}

// A row op with a parameter: only the activation goes through a barrier.
ds.unit @u "parameter" : tensor<4xf32> {members = []}
// CHECK-LABEL: func @norm
// CHECK: %[[X:.+]] = ds.neg
// CHECK: %[[W:.+]] = ds.read @u
// CHECK: ds.rms_norm %[[X]], %[[W]]
// CHECK: %[[X2:.+]] = ds.barrier %[[X]] {{[0-9]+}}
// CHECK-NEXT: %[[N2:.+]] = ds.rms_norm %[[X2]], %[[W]] {{.*}}ds.backward
// CHECK-NEXT: ds.mul %[[N2]]
func.func @norm(%in: !x, %g: !x) -> (!x, !x, !x) {
  %x = ds.neg %in : !x
  %u = ds.read @u : tensor<4xf32>
  %n = ds.rms_norm %x, %u eps 1.0e-05 : !x, tensor<4xf32>
  %y = ds.mul %n, %in : !x, !x
  %a = ds.mul %n, %g {ds.backward} : !x, !x
  %b = ds.mul %x, %a {ds.backward} : !x, !x
  return %y, %a, %b : !x, !x, !x
}

// A forward op needs the result when gradient ops have begun: it is there.
// CHECK-LABEL: func @outlives
// CHECK-NOT: ds.barrier
// CHECK: return
func.func @outlives(%in: !x, %g: !x) -> (!x, !x, !x) {
  %x = ds.neg %in : !x
  %h = ds.gelu %x : !x
  %a = ds.mul %h, %g {ds.backward} : !x, !x
  %y = ds.mul %h, %in : !x, !x
  %b = ds.gelu_grad %x, %a {ds.backward} : !x
  return %y, %a, %b : !x, !x, !x
}

// Its operand would have to be kept instead: nothing is won.
// CHECK-LABEL: func @operand_dies
// CHECK-NOT: ds.barrier
// CHECK: return
func.func @operand_dies(%in: !x, %g: !x) -> (!x, !x) {
  %x = ds.neg %in : !x
  %h = ds.gelu %x : !x
  %y = ds.mul %h, %in : !x, !x
  %d = ds.gelu_grad %h, %g {ds.backward} : !x
  return %y, %d : !x, !x
}

// The last gradient op that needs the operand comes before the one that needs
// the result: the operand would live longer.
// CHECK-LABEL: func @operand_dies_before
// CHECK-NOT: ds.barrier
// CHECK: return
func.func @operand_dies_before(%in: !x, %g: !x) -> (!x, !x) {
  %x = ds.neg %in : !x
  %h = ds.gelu %x : !x
  %y = ds.mul %h, %in : !x, !x
  %a = ds.gelu_grad %x, %g {ds.backward} : !x
  %b = ds.gelu_grad %h, %a {ds.backward} : !x
  return %y, %b : !x, !x
}

// A chain down to what is kept.
// CHECK-LABEL: func @chain
// CHECK: %[[X:.+]] = ds.neg
// CHECK: ds.gelu %[[X]] : tensor
// CHECK: %[[X2:.+]] = ds.barrier %[[X]] {{[0-9]+}}
// CHECK-NEXT: %[[H2:.+]] = ds.gelu %[[X2]] {ds.backward}
// CHECK-NEXT: %[[S2:.+]] = ds.silu %[[H2]] {ds.backward}
// CHECK-NEXT: ds.mul %[[S2]],
// CHECK-NOT: ds.barrier
// CHECK: return
func.func @chain(%in: !x, %g: !x) -> (!x, !x, !x) {
  %x = ds.neg %in : !x
  %h = ds.gelu %x : !x
  %s = ds.silu %h : !x
  %y = ds.mul %s, %in : !x, !x
  %a = ds.mul %s, %g {ds.backward} : !x, !x
  %b = ds.gelu_grad %x, %a {ds.backward} : !x
  return %y, %a, %b : !x, !x, !x
}

// Products are kept, and so is what comes from parameters alone.
// CHECK-LABEL: func @kept
// CHECK-NOT: ds.barrier
// CHECK: return
func.func @kept(%in: !x, %g: tensor<4x4xf32>) -> (!x, !x, !x) {
  %x = ds.neg %in : !x
  %p = ds.dot "sk,kn->sn" %x, %g : (!x, tensor<4x4xf32>) -> !x
  %u = ds.read @u : tensor<4xf32>
  %r = ds.neg %u : tensor<4xf32>
  %n = ds.neg %r : tensor<4xf32>
  %y = ds.mul %p, %n : !x, tensor<4xf32>
  %b = ds.mul %p, %n {ds.backward} : !x, tensor<4xf32>
  %c = ds.mul %b, %x {ds.backward} : !x, !x
  return %b, %c, %y : !x, !x, !x
}

// A comparison is made again from what is kept anyway, rather than kept.
// CHECK-LABEL: func @comparison
// CHECK: %[[X:.+]] = ds.neg
// CHECK: ds.compare "lt" %[[X]]
// CHECK: %[[X2:.+]] = ds.barrier %[[X]] {{[0-9]+}}
// CHECK-NEXT: %[[C2:.+]] = ds.compare "lt" %[[X2]], %[[X2]] {ds.backward}
// CHECK: ds.select %[[C2]]
func.func @comparison(%in: !x, %g: !x) -> (!x, !x, !x) {
  %x = ds.neg %in : !x
  %c = ds.compare "lt" %x, %x : !x, !x -> tensor<2x4xi1>
  %y = ds.select %c, %x, %in : tensor<2x4xi1>, !x
  %d = ds.neg %g {ds.backward} : !x
  %s = ds.select %c, %d, %g {ds.backward} : tensor<2x4xi1>, !x
  %m = ds.mul %x, %s {ds.backward} : !x, !x
  return %y, %s, %m : !x, !x, !x
}

// A scalar is kept: making it again would read all of a tensor.
// CHECK-LABEL: func @scalar
// CHECK: %[[S:.+]] = ds.sum
// CHECK: %[[E:.+]] = ds.exp %[[S]]
// CHECK-NOT: ds.barrier
// CHECK: ds.mul %{{.+}}, %[[E]] {ds.backward}
func.func @scalar(%in: !x, %g: !x) -> (tensor<f32>, !x, !x) {
  %x = ds.neg %in : !x
  %s = ds.sum %x : !x -> tensor<f32>
  %e = ds.exp %s : tensor<f32>
  %d = ds.mul %g, %e {ds.backward} : !x, tensor<f32>
  %m = ds.mul %x, %d {ds.backward} : !x, !x
  return %e, %d, %m : tensor<f32>, !x, !x
}
