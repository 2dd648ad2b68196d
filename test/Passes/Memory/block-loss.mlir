// RUN: ds-opt %s --ds-block-loss='rows=4 min-bytes=1' | FileCheck %s
// RUN: ds-opt %s --ds-block-loss='rows=4 min-bytes=1' -cse -canonicalize | FileCheck %s
// RUN: ds-opt %s --ds-block-loss | FileCheck %s --check-prefix=SMALL
// RUN: ds-opt %s --ds-block-loss='rows=1 min-bytes=1 max-blocks=2' | FileCheck %s --check-prefix=TWO
//
// Logits and what uses them are computed by blocks of rows: 10 rows in 4, 4 and 2.
// What fits into one block stays, and there are never more blocks than allowed.

// SMALL-NOT: ds.window

!x = tensor<2x5x3xf32>
!w = tensor<7x3xf32>
!l = tensor<2x5x7xf32>
!t = tensor<2x5xi32>

// A whole step of a head: all of it is the backward pass now, whose kernels it may
// share.
// CHECK-LABEL: func @step(
// CHECK-SAME: %[[X:[^:]+]]: tensor<2x5x3xf32>, %[[W:[^:]+]]: tensor<7x3xf32>, %[[T:[^:]+]]: tensor<2x5xi32>
// CHECK: %[[G:.+]] = ds.constant dense<5.000000e-01>
// CHECK: %[[XR:.+]] = ds.reshape %[[X]] : tensor<2x5x3xf32> -> tensor<10x3xf32>
// CHECK: %[[X0:.+]] = ds.window %[[XR]] dim 0 at 0 : tensor<10x3xf32> -> tensor<4x3xf32>
// CHECK: %[[L0:.+]] = ds.dot "bd,vd->bv" %[[X0]], %[[W]]
// CHECK: %[[TR:.+]] = ds.reshape %[[T]] : tensor<2x5xi32> -> tensor<10xi32>
// CHECK: %[[T0:.+]] = ds.window %[[TR]] dim 0 at 0 : tensor<10xi32> -> tensor<4xi32>
// CHECK: %[[R0:.+]] = ds.cross_entropy_rows %[[L0]], %[[T0]] {ds.backward}
// CHECK: %[[D0:.+]] = ds.cross_entropy_grad %[[L0]], %[[T0]], %[[G]] of 10 rows {ds.backward} : tensor<4x7xf32>
// CHECK: %[[DX0:.+]] = ds.dot "bv,vd->bd" %[[D0]], %[[W]] {ds.backward}
// CHECK: %[[DW0:.+]] = ds.dot "bd,bv->vd" %[[X0]], %[[D0]] {ds.backward}
// CHECK: %[[X1:.+]] = ds.window %[[XR]] dim 0 at 4
// CHECK: %[[R1:.+]] = ds.cross_entropy_rows
// CHECK: %[[DX1:.+]] = ds.dot "bv,vd->bd"
// CHECK: %[[DW1:.+]] = ds.dot_add %[[DW0]], "bd,bv->vd" %[[X1]]
// CHECK: %[[X2:.+]] = ds.window %[[XR]] dim 0 at 8 : tensor<10x3xf32> -> tensor<2x3xf32>
// CHECK: %[[R2:.+]] = ds.cross_entropy_rows
// CHECK: %[[DX2:.+]] = ds.dot "bv,vd->bd"
// CHECK: %[[DW2:.+]] = ds.dot_add %[[DW1]], "bd,bv->vd" %[[X2]]
// CHECK: %[[R:.+]] = ds.stack %[[R0]], %[[R1]], %[[R2]] dim 0
// CHECK: %[[S:.+]] = ds.sum %[[R]] {ds.backward, trailing} : tensor<10xf32> -> tensor<f64>
// CHECK: %[[M:.+]] = ds.div %[[S]]
// CHECK: %[[LOSS:.+]] = ds.cast %[[M]]
// CHECK: %[[DXR:.+]] = ds.stack %[[DX0]], %[[DX1]], %[[DX2]] dim 0
// CHECK: %[[DX:.+]] = ds.reshape %[[DXR]] {ds.backward} : tensor<10x3xf32> -> tensor<2x5x3xf32>
// CHECK: return %[[LOSS]], %[[DX]], %[[DW2]]
// TWO-LABEL: func @step(
// TWO: ds.window %{{.+}} dim 0 at 0 : tensor<10x3xf32> -> tensor<5x3xf32>
// TWO: ds.window %{{.+}} dim 0 at 5 : tensor<10x3xf32> -> tensor<5x3xf32>
// TWO: return
func.func @step(%x: !x, %w: !w, %t: !t) -> (tensor<f32>, !x, !w) {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  %g = ds.constant dense<0.5> : tensor<f32>
  %d = ds.cross_entropy_grad %l, %t, %g {ds.backward} : !l, !t, tensor<f32>
  %dx = ds.dot "bsv,vd->bsd" %d, %w {ds.backward} : (!l, !w) -> !x
  %dw = ds.dot "bsd,bsv->vd" %x, %d {ds.backward} : (!x, !l) -> !w
  return %loss, %dx, %dw : tensor<f32>, !x, !w
}

// Without gradients only the loss is left.
// CHECK-LABEL: func @evaluation
// CHECK-NOT: tensor<2x5x7xf32>
// CHECK-COUNT-3: ds.cross_entropy_rows
// CHECK: %[[R:.+]] = ds.stack
// CHECK: ds.sum %[[R]]
// CHECK-NOT: ds.stack
// CHECK: return
func.func @evaluation(%x: !x, %w: !w, %t: !t) -> tensor<f32> {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  return %loss : tensor<f32>
}

// A head that is not trained has no gradient, and its table may lie the other
// way round.
// CHECK-LABEL: func @frozen
// CHECK-NOT: tensor<2x5x7xf32>
// CHECK-COUNT-3: ds.cross_entropy_grad
// CHECK-NOT: ds.dot_add
// CHECK: return
func.func @frozen(%x: !x, %w: tensor<3x7xf32>, %t: !t, %g: tensor<f32>) -> (tensor<f32>, !x) {
  %l = ds.dot "bsd,dv->bsv" %x, %w : (!x, tensor<3x7xf32>) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  %d = ds.cross_entropy_grad %l, %t, %g {ds.backward} : !l, !t, tensor<f32>
  %dx = ds.dot "bsv,dv->bsd" %d, %w {ds.backward} : (!l, tensor<3x7xf32>) -> !x
  return %loss, %dx : tensor<f32>, !x
}

// A bias, a scale and a mask between product and loss are cut as well; the bias's
// gradient adds up.
// CHECK-LABEL: func @bias(
// CHECK-SAME: %[[M:[^:]+]]: tensor<2x5x7xf32>)
// CHECK: %[[L:.+]] = ds.dot "bd,vd->bv"
// CHECK: %[[B:.+]] = ds.add %[[L]], %{{.+}} {ds.backward} : tensor<4x7xf32>, tensor<7xf32>
// CHECK: %[[S:.+]] = ds.mul %[[B]], %{{.+}} {ds.backward} : tensor<4x7xf32>, tensor<f32>
// CHECK: %[[MR:.+]] = ds.reshape %[[M]]
// CHECK: %[[M0:.+]] = ds.window %[[MR]] dim 0 at 0
// CHECK: ds.add %[[S]], %[[M0]] {{.*}}: tensor<4x7xf32>, tensor<4x7xf32>
// CHECK: %[[DB0:.+]] = ds.sum %{{.+}} {ds.backward} : tensor<4x7xf32> -> tensor<7xf32>
// CHECK: %[[P1:.+]] = ds.sum %{{.+}} {ds.backward} : tensor<4x7xf32> -> tensor<7xf32>
// CHECK: %[[DB1:.+]] = ds.add %[[DB0]], %[[P1]] {ds.backward} : tensor<7xf32>, tensor<7xf32>
// CHECK: %[[P2:.+]] = ds.sum %{{.+}} {ds.backward} : tensor<2x7xf32> -> tensor<7xf32>
// CHECK: %[[DB2:.+]] = ds.add %[[DB1]], %[[P2]]
// CHECK: return %{{.+}}, %[[DB2]]
func.func @bias(%x: !x, %w: !w, %b: tensor<7xf32>, %s: tensor<f32>, %t: !t, %g: tensor<f32>, %m: !l)
    -> (tensor<f32>, tensor<7xf32>) {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %lb = ds.add %l, %b : !l, tensor<7xf32>
  %ls = ds.mul %lb, %s : !l, tensor<f32>
  %lm = ds.add %ls, %m : !l, !l
  %loss = ds.cross_entropy %lm, %t : (!l, !t) -> tensor<f32>
  %d = ds.cross_entropy_grad %lm, %t, %g {ds.backward} : !l, !t, tensor<f32>
  %ds = ds.mul %d, %s {ds.backward} : !l, tensor<f32>
  %db = ds.sum %ds {ds.backward} : !l -> tensor<7xf32>
  return %loss, %db : tensor<f32>, tensor<7xf32>
}

// Two losses of the same logits are one head; what they need comes before it,
// and users of the first one's result behind it.
// CHECK-LABEL: func @two_losses(
// CHECK: ds.sqrt
// CHECK: ds.window
// CHECK-COUNT-6: ds.cross_entropy_rows
// CHECK: ds.neg
func.func @two_losses(%x: !x, %w: !w, %t: !t, %u: !t, %s: tensor<f32>) -> (tensor<f32>, tensor<f32>, !x) {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %a = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  %n = ds.neg %a : tensor<f32>
  %b = ds.cross_entropy %l, %u : (!l, !t) -> tensor<f32>
  %g = ds.sqrt %s : tensor<f32>
  %d = ds.cross_entropy_grad %l, %t, %g {ds.backward} : !l, !t, tensor<f32>
  %dx = ds.dot "bsv,vd->bsd" %d, %w {ds.backward} : (!l, !w) -> !x
  return %n, %b, %dx : tensor<f32>, tensor<f32>, !x
}

// Logits that are returned must exist whole.
// CHECK-LABEL: func @returned
// CHECK-NOT: ds.window
// CHECK: return
func.func @returned(%x: !x, %w: !w, %t: !t) -> (tensor<f32>, !l) {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  return %loss, %l : tensor<f32>, !l
}

// So must a gradient of the logits that another op needs, ...
// CHECK-LABEL: func @softmax_too
// CHECK-NOT: ds.window
// CHECK: return
func.func @softmax_too(%x: !x, %w: !w, %t: !t, %g: tensor<f32>) -> (tensor<f32>, !l) {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  %d = ds.cross_entropy_grad %l, %t, %g {ds.backward} : !l, !t, tensor<f32>
  %p = ds.softmax %d scale 1.0 : !l
  return %loss, %p : tensor<f32>, !l
}

// ... logits that the caller made, ...
// CHECK-LABEL: func @given
// CHECK-NOT: ds.window
// CHECK: return
func.func @given(%l: !l, %t: !t) -> tensor<f32> {
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  return %loss : tensor<f32>
}

// ... and those of a gradient that depends on the whole loss, directly or not.
// CHECK-LABEL: func @loss_scales_gradient
// CHECK-NOT: ds.window
// CHECK: return
func.func @loss_scales_gradient(%x: !x, %w: !w, %t: !t) -> !x {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  %g = ds.mul %loss, %loss : tensor<f32>, tensor<f32>
  %d = ds.cross_entropy_grad %l, %t, %g {ds.backward} : !l, !t, tensor<f32>
  %dx = ds.dot "bsv,vd->bsd" %d, %w {ds.backward} : (!l, !w) -> !x
  return %dx : !x
}
// CHECK-LABEL: func @loss_is_gradient
// CHECK-NOT: ds.window
// CHECK: return
func.func @loss_is_gradient(%x: !x, %w: !w, %t: !t) -> !x {
  %l = ds.dot "bsd,vd->bsv" %x, %w : (!x, !w) -> !l
  %loss = ds.cross_entropy %l, %t : (!l, !t) -> tensor<f32>
  %d = ds.cross_entropy_grad %l, %t, %loss {ds.backward} : !l, !t, tensor<f32>
  %dx = ds.dot "bsv,vd->bsd" %d, %w {ds.backward} : (!l, !w) -> !x
  return %dx : !x
}
