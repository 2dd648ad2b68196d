// RUN: ds-opt %s --ds-fuse-kernels -split-input-file | FileCheck %s
// RUN: ds-opt %s -pass-pipeline='builtin.module(ds-fuse-kernels{scalars})' -split-input-file | FileCheck %s --check-prefix=SCALARS
//
// What becomes one kernel, and what must not.

!x = tensor<2x4xf32>

// CHECK-LABEL: func @chain(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x4xf32>, %[[B:[^:]+]]: tensor<4xf32>)
// CHECK-NEXT: %[[R:.+]] = ds.launch @[[K:.+]](%[[X]], %[[B]]) : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
// CHECK-NEXT: return %[[R]]
// CHECK: func private @[[K]]
// CHECK-SAME: attributes {ds.kernel}
// CHECK-NEXT: ds.add
// CHECK-NEXT: ds.gelu
// CHECK-NEXT: return
func.func @chain(%x: !x, %b: tensor<4xf32>) -> !x {
  %0 = ds.add %x, %b {ds.block = 0 : i64} : !x, tensor<4xf32>
  %1 = ds.gelu %0 {ds.block = 0 : i64} : !x
  return %1 : !x
}

// -----

!x = tensor<2x4xf32>

// A value that others need, too, is a result; constants are inside.
// CHECK-LABEL: func @two_results
// CHECK: %[[R:.+]]:2 = ds.launch @[[K:[^(]+]](%{{[^,]+}}) : (tensor<2x4xf32>) -> (tensor<2x4xf32>, tensor<2x4xf32>)
// CHECK-NEXT: return %[[R]]#0, %[[R]]#1
// CHECK: func private @[[K]]
// CHECK: ds.constant dense<2.000000e+00> : tensor<f32>
func.func @two_results(%x: !x) -> (!x, !x) {
  %two = ds.constant dense<2.0> : tensor<f32>
  %0 = ds.mul %x, %two : !x, tensor<f32>
  %1 = ds.gelu %0 : !x
  return %0, %1 : !x, !x
}

// -----

!x = tensor<2x4xf32>

// Activations that memory passes let die would live on in a backward kernel.
// CHECK-LABEL: func @forward_and_backward
// CHECK-NEXT: ds.launch @k_gelu(
// CHECK-NEXT: ds.launch @k_silu(
func.func @forward_and_backward(%x: !x) -> !x {
  %0 = ds.gelu %x : !x
  %1 = ds.silu %0 {ds.backward} : !x
  return %1 : !x
}

// -----

// Rows of softmax are not the rows of the norm.
// CHECK-LABEL: func @different_rows
// CHECK-NEXT: %[[S:.+]] = ds.launch @k_softmax(
// CHECK-NEXT: %[[R:.+]] = ds.reshape %[[S]]
// CHECK-NEXT: ds.launch @k_gelu(%[[R]])
func.func @different_rows(%x: tensor<2x6xf32>) -> tensor<3x4xf32> {
  %0 = ds.softmax %x scale 1.0 : tensor<2x6xf32>
  %1 = ds.reshape %0 : tensor<2x6xf32> -> tensor<3x4xf32>
  %2 = ds.gelu %1 : tensor<3x4xf32>
  return %2 : tensor<3x4xf32>
}

// -----

!x = tensor<2x4xf32>

// Elementwise ops walk a norm's rows with it.
// CHECK-LABEL: func @norm_of_sum
// CHECK-NEXT: %[[R:.+]]:2 = ds.launch @k_add_layer_norm(
// CHECK-NEXT: return %[[R]]#0, %[[R]]#1
func.func @norm_of_sum(%x: !x, %y: !x, %s: tensor<4xf32>) -> (!x, !x) {
  %0 = ds.add %x, %y : !x, !x
  %1 = ds.layer_norm %0, %s, %s eps 1.0e-5 : !x, tensor<4xf32>, tensor<4xf32>
  return %0, %1 : !x, !x
}

// -----

!x = tensor<2x4xf32>

// Equal kernels are one function; another constant makes another.
// CHECK-LABEL: func @shared
// CHECK: ds.launch @[[K:k_gelu]](
// CHECK: ds.dot
// CHECK: ds.launch @[[K]](
// CHECK: ds.dot
// CHECK: ds.launch @[[K]](
// CHECK: ds.launch @k_softmax(
// CHECK: ds.launch @k_softmax_1(
// CHECK: func private @k_gelu
// CHECK-NOT: func private @k_gelu
func.func @shared(%x: !x, %w: tensor<4x4xf32>) -> (!x, !x, !x) {
  %0 = ds.gelu %x {ds.block = 0 : i64} : !x
  %1 = ds.dot "ik,kj->ij" %0, %w : (!x, tensor<4x4xf32>) -> !x
  %2 = ds.gelu %1 {ds.block = 1 : i64} : !x
  %3 = ds.dot "ik,kj->ij" %2, %w : (!x, tensor<4x4xf32>) -> !x
  %4 = ds.gelu %3 : !x
  %5 = ds.softmax %x scale 1.0 : !x
  %6 = ds.softmax %3 scale 2.0 : !x
  return %4, %5, %6 : !x, !x, !x
}

// -----

!x = tensor<64x4xf32>

// Column sums over the same rows are one kernel and take along what feeds
// nothing else.
// CHECK-LABEL: func @column_sums
// CHECK-NEXT: %[[R:.+]]:2 = ds.launch @k_mul_sum_sum(%{{[^,]+}}, %{{[^,]+}}) : (tensor<64x4xf32>, tensor<64x4xf32>) -> (tensor<4xf32>, tensor<4xf32>)
// CHECK-NEXT: return %[[R]]#0, %[[R]]#1
func.func @column_sums(%x: !x, %g: !x) -> (tensor<4xf32>, tensor<4xf32>) {
  %0 = ds.mul %x, %g : !x, !x
  %1 = ds.sum %0 : !x -> tensor<4xf32>
  %2 = ds.sum %g : !x -> tensor<4xf32>
  return %1, %2 : tensor<4xf32>, tensor<4xf32>
}

// -----

!x = tensor<64x4xf32>

// What is needed elsewhere is made by its own rows, not while columns are summed.
// CHECK-LABEL: func @column_sum_of_result
// CHECK-NEXT: %[[M:.+]] = ds.launch @k_mul(
// CHECK-NEXT: %[[S:.+]] = ds.launch @k_sum(%[[M]])
// CHECK-NEXT: return %[[M]], %[[S]]
func.func @column_sum_of_result(%x: !x, %g: !x) -> (!x, tensor<4xf32>) {
  %0 = ds.mul %x, %g : !x, !x
  %1 = ds.sum %0 : !x -> tensor<4xf32>
  return %0, %1 : !x, tensor<4xf32>
}

// -----

!x = tensor<2x4xf32>

// A product between them keeps two ops apart: its operand must exist first.
// CHECK-LABEL: func @product_between
// CHECK-NEXT: %[[A:.+]] = ds.launch @k_gelu(
// CHECK-NEXT: %[[P:.+]] = ds.dot "ik,kj->ij" %[[A]]
// CHECK-NEXT: ds.launch @k_add(%[[A]], %[[P]])
func.func @product_between(%x: !x, %w: tensor<4x4xf32>) -> !x {
  %0 = ds.gelu %x : !x
  %1 = ds.dot "ik,kj->ij" %0, %w : (!x, tensor<4x4xf32>) -> !x
  %2 = ds.add %0, %1 : !x, !x
  return %2 : !x
}

// -----

// Scalars are instructions, not kernels; neither are products, views, state.
// CHECK-LABEL: func @scalars
// CHECK-NOT: ds.launch
// CHECK: return
func.func @scalars(%x: tensor<f64>, %y: tensor<2x4xf32>) -> (tensor<f64>, tensor<8xf32>) {
  %0 = ds.add %x, %x : tensor<f64>, tensor<f64>
  %1 = ds.sqrt %0 : tensor<f64>
  %2 = ds.reshape %y : tensor<2x4xf32> -> tensor<8xf32>
  return %1, %2 : tensor<f64>, tensor<8xf32>
}

// -----

!l = tensor<3x7xf32>
!t = tensor<3xi32>

// Rows side by side that read the same tensor are read once, constants and views
// between them or not.
// CHECK-LABEL: func @loss_and_grad
// CHECK: %[[R:.+]]:2 = ds.launch @k_cross_entropy_rows_cross_entropy_grad(%{{[^,]+}}, %{{[^,]+}})
// CHECK-NOT: ds.launch
// CHECK: return %[[R]]#0, %[[R]]#1
func.func @loss_and_grad(%l: !l, %t: !t) -> (tensor<3xf32>, !l) {
  %0 = ds.cross_entropy_rows %l, %t : (!l, !t) -> tensor<3xf32>
  %g = ds.constant dense<0.5> : tensor<f32>
  %1 = ds.cross_entropy_grad %l, %t, %g : !l, !t, tensor<f32>
  return %0, %1 : tensor<3xf32>, !l
}

// -----

!l = tensor<3x7xf32>
!t = tensor<3xi32>

// Not so the forward and the backward pass, nor rows with a product between them.
// CHECK-LABEL: func @loss_then_grad
// CHECK-COUNT-3: ds.launch
// CHECK: return
func.func @loss_then_grad(%l: !l, %t: !t, %g: tensor<f32>, %w: tensor<3x3xf32>) -> (tensor<3xf32>, !l, !l, !l) {
  %0 = ds.cross_entropy_rows %l, %t : (!l, !t) -> tensor<3xf32>
  %1 = ds.cross_entropy_grad %l, %t, %g {ds.backward} : !l, !t, tensor<f32>
  %2 = ds.dot "ik,kj->ij" %w, %l : (tensor<3x3xf32>, !l) -> !l
  %3 = ds.cross_entropy_grad %l, %t, %g {ds.backward} : !l, !t, tensor<f32>
  return %0, %1, %2, %3 : tensor<3xf32>, !l, !l, !l
}

// -----

!x = tensor<2x4xf32>

// Truth values between fused ops exist in no memory.
// CHECK-LABEL: func @choice
// CHECK-NEXT: %[[R:.+]] = ds.launch @[[K:[^(]+]](%{{.+}}) : (tensor<2x4xf32>, tensor<4xf32>) -> tensor<2x4xf32>
// CHECK-NEXT: return %[[R]]
// CHECK: func private @[[K]]
// CHECK: ds.compare "lt"
// CHECK: ds.not
// CHECK: ds.select
func.func @choice(%x: !x, %b: tensor<4xf32>) -> !x {
  %0 = ds.compare "lt" %x, %b : !x, tensor<4xf32> -> tensor<2x4xi1>
  %1 = ds.not %0 : tensor<2x4xi1>
  %2 = ds.tanh %x : !x
  %3 = ds.select %1, %x, %2 : tensor<2x4xi1>, !x
  return %3 : !x
}

// -----

// Scalars: what the plan has an instruction for is none of a kernel's business, all else is.
// CHECK-LABEL: func @scalars
// CHECK: %[[S:.+]] = ds.mul %{{.+}}, %{{.+}} : tensor<f32>, tensor<f32>
// CHECK: %[[E:.+]] = ds.launch @[[K:[^(]+]](%[[S]]) : (tensor<f32>) -> tensor<f32>
// CHECK: ds.log %[[E]] : tensor<f32>
// CHECK: func private @[[K]]
// CHECK: ds.exp
// CHECK: ds.tanh
func.func @scalars(%x: tensor<f32>) -> tensor<f32> {
  %0 = ds.mul %x, %x : tensor<f32>, tensor<f32>
  %1 = ds.exp %0 : tensor<f32>
  %2 = ds.tanh %1 : tensor<f32>
  %3 = ds.log %2 : tensor<f32>
  return %3 : tensor<f32>
}

// -----

// Scalar arithmetic is instructions, or kernels of its own: here one for both norms, and none within the large one,
// which would take the root for each element.
// CHECK-LABEL: func @scalars
// CHECK: ds.sqrt
// CHECK: ds.sqrt
// CHECK: ds.div
// CHECK: ds.launch
// CHECK-NOT: ds.launch
// SCALARS-LABEL: func @scalars
// SCALARS: %[[S:.+]]:2 = ds.launch @[[K:k_sqrt[^(]*]](%arg1, %arg2) : (tensor<f64>, tensor<f64>) -> (tensor<f64>, tensor<f32>)
// SCALARS: %[[Y:.+]] = ds.launch @{{.+}}(%arg0, %[[S]]#{{[01]}}) : (tensor<8xf32>, tensor<f32>) -> tensor<8xf32>
// SCALARS-NEXT: return
// SCALARS: func private @[[K]](
// SCALARS-COUNT-2: ds.sqrt
// SCALARS: ds.div
func.func @scalars(%x: tensor<8xf32>, %a: tensor<f64>, %b: tensor<f64>) -> (tensor<8xf32>, tensor<f64>) {
  %0 = ds.sqrt %a : tensor<f64>
  %1 = ds.sqrt %b : tensor<f64>
  %2 = ds.div %0, %1 : tensor<f64>, tensor<f64>
  %3 = ds.cast %1 : tensor<f64> -> tensor<f32>
  %4 = ds.mul %x, %3 : tensor<8xf32>, tensor<f32>
  return %4, %2 : tensor<8xf32>, tensor<f64>
}

// -----

!a = tensor<2x8x96xbf16>
!r = tensor<2x8x32xbf16>
!q = tensor<2x8x2x16xbf16>
!l = tensor<2x8x2xf32>

// Attention is a kernel of its own, which reads parts of one projection where they lie, and writes its gradients where
// those are joined.  Equal ones are one function; nobody needs the statistic of the second one.
// CHECK-LABEL: func @attention(
// CHECK-SAME: %[[A:[^:]+]]: tensor<2x8x96xbf16>, %[[G:[^:]+]]: tensor<2x8x32xbf16>, %[[D:[^:]+]]:
// CHECK-NEXT: %[[F:.+]]:2 = ds.launch @[[FLASH:.+]](%[[A]]) : (tensor<2x8x96xbf16>) -> (tensor<2x8x2x16xbf16>, tensor<2x8x2xf32>)
// CHECK-NEXT: %[[E:.+]] = ds.launch @[[GRAD:.+]](%[[A]], %[[G]], %[[F]]#1, %[[D]]) : ({{.+}}) -> tensor<2x8x96xbf16>
// CHECK-NEXT: ds.launch @[[ALONE:.+]](%[[E]]) : (tensor<2x8x96xbf16>) -> tensor<2x8x2x16xbf16>
// CHECK: func private @[[FLASH]](
// CHECK: ds.split
// CHECK: ds.flash_attention
// CHECK: func private @[[GRAD]](
// CHECK: ds.flash_attention_grad
// CHECK: ds.concat
// CHECK: func private @[[ALONE]](
func.func @attention(%a: !a, %g: !r, %d: !l) -> (!q, !a, !q) {
  %0:3 = ds.split %a : (!a) -> (!r, !r, !r)
  %q = ds.reshape %0#0 : !r -> !q
  %k = ds.reshape %0#1 : !r -> !q
  %v = ds.reshape %0#2 : !r -> !q
  %y, %l = ds.flash_attention %q, %k, %v scale 0.25 : !q, !q
  %1 = ds.reshape %g : !r -> !q
  %2:3 = ds.flash_attention_grad %q, %k, %v, %1, %l, %d scale 0.25 {ds.backward} : !q, !q
  %3 = ds.reshape %2#0 : !q -> !r
  %4 = ds.reshape %2#1 : !q -> !r
  %5 = ds.reshape %2#2 : !q -> !r
  %6 = ds.concat %3, %4, %5 : (!r, !r, !r) -> !a
  %7:3 = ds.split %6 : (!a) -> (!r, !r, !r)
  %8 = ds.reshape %7#0 : !r -> !q
  %9 = ds.reshape %7#1 : !r -> !q
  %10 = ds.reshape %7#2 : !r -> !q
  %z, %m = ds.flash_attention %8, %9, %10 scale 0.25 : !q, !q
  return %y, %6, %z : !q, !a, !q
}

// -----

!q = tensor<2x8x2x16xbf16>
!l = tensor<2x8x2xf32>

// Gradients that others need stay apart.
// CHECK-LABEL: func @attention_apart
// CHECK-NEXT: %[[R:.+]]:3 = ds.launch @{{.+}} -> (tensor<2x8x2x16xbf16>, tensor<2x8x2x16xbf16>, tensor<2x8x2x16xbf16>)
// CHECK-NEXT: %[[C:.+]] = ds.concat %[[R]]#0, %[[R]]#1, %[[R]]#2
// CHECK-NEXT: return %[[C]], %[[R]]#1
func.func @attention_apart(%q: !q, %k: !q, %v: !q, %g: !q, %l: !l, %d: !l) -> (tensor<2x8x2x48xbf16>, !q) {
  %0:3 = ds.flash_attention_grad %q, %k, %v, %g, %l, %d scale 0.25 : !q, !q
  %1 = ds.concat %0#0, %0#1, %0#2 : (!q, !q, !q) -> tensor<2x8x2x48xbf16>
  return %1, %0#1 : tensor<2x8x2x48xbf16>, !q
}

// -----
// Short column sums that stand side by side are one launch on a GPU, with nothing in common; not when something comes
// in between.
// CHECK-LABEL: func @short_sums
// CHECK-COUNT-3: ds.launch
// SCALARS-LABEL: func @short_sums
// SCALARS: %{{.+}}:2 = ds.launch @{{.+}}(%arg0, %arg1)
// SCALARS: ds.dot
// SCALARS: ds.launch @{{.+}}(%arg2)
// SCALARS-NEXT: return
func.func @short_sums(%a: tensor<5x4xf32>, %b: tensor<5x4xf32>, %c: tensor<5x4xf32>)
    -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<5x5xf32>) {
  %0 = ds.sum %a : tensor<5x4xf32> -> tensor<4xf32>
  %1 = ds.sum %b : tensor<5x4xf32> -> tensor<4xf32>
  %2 = ds.dot "mk,nk->mn" %a, %b : (tensor<5x4xf32>, tensor<5x4xf32>) -> tensor<5x5xf32>
  %3 = ds.sum %c : tensor<5x4xf32> -> tensor<4xf32>
  return %0, %1, %3, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<5x5xf32>
}

// -----

!r = tensor<2x8x16xbf16>
!q = tensor<2x8x1x16xbf16>

// One part lies where no 16 bytes can be read at once: all are copied, none is read from the whole.
// CHECK-LABEL: func @attention_uneven
// CHECK-NEXT: %[[S:.+]]:5 = ds.split
// CHECK-NEXT: %[[Q:.+]] = ds.reshape %[[S]]#0
// CHECK-NEXT: %[[K:.+]] = ds.reshape %[[S]]#1
// CHECK-NEXT: %[[V:.+]] = ds.reshape %[[S]]#3
// CHECK-NEXT: ds.launch @{{.+}}(%[[Q]], %[[K]], %[[V]])
func.func @attention_uneven(%a: tensor<2x8x56xbf16>) -> !q {
  %0:5 = ds.split %a : (tensor<2x8x56xbf16>) -> (!r, !r, tensor<2x8x4xbf16>, !r, tensor<2x8x4xbf16>)
  %q = ds.reshape %0#0 : !r -> !q
  %k = ds.reshape %0#1 : !r -> !q
  %v = ds.reshape %0#3 : !r -> !q
  %y, %l = ds.flash_attention %q, %k, %v scale 0.25 : !q, !q
  return %y : !q
}

// -----

!q = tensor<2x8x2x32xbf16>
!p = tensor<2x8x2x16x2xbf16>
!l = tensor<2x8x2xf32>

// Gradients that alternate element by element are joined behind the kernel.
// CHECK-LABEL: func @attention_interleaved
// CHECK-NEXT: %[[R:.+]]:3 = ds.launch @
// CHECK: ds.concat
func.func @attention_interleaved(%q: !q, %g: !q, %l: !l) -> tensor<2x8x2x16x6xbf16> {
  %0:3 = ds.flash_attention_grad %q, %q, %q, %g, %l, %l scale 0.25 : !q, !q
  %1 = ds.reshape %0#0 : !q -> !p
  %2 = ds.reshape %0#1 : !q -> !p
  %3 = ds.reshape %0#2 : !q -> !p
  %4 = ds.concat %1, %2, %3 : (!p, !p, !p) -> tensor<2x8x2x16x6xbf16>
  return %4 : tensor<2x8x2x16x6xbf16>
}
