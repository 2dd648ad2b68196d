// RUN: ds-opt %s --ds-flash-attention | FileCheck %s
// RUN: ds-opt %s --ds-flash-attention -cse -canonicalize | FileCheck %s

!q = tensor<2x8x4x16xbf16>
!k = tensor<2x8x2x16xbf16>

// The gradient takes the forward op's statistic, and the sums of result times gradient; all keep their marks.
// CHECK-LABEL: func @step(
// CHECK-SAME: %[[Q:[^:]+]]: tensor<2x8x4x16xbf16>, %[[K:[^:]+]]: tensor<2x8x2x16xbf16>, %[[V:[^:]+]]: {{[^,]+}}, %[[G:[^:]+]]:
// CHECK-NEXT: %[[Y:.+]], %[[L:.+]] = ds.flash_attention %[[Q]], %[[K]], %[[V]] scale 2.500000e-01 {causal, ds.block = 3 : i64}
// CHECK-DAG: %[[YW:.+]] = ds.cast %[[Y]] {ds.backward, ds.block = 3 : i64} : tensor<2x8x4x16xbf16> -> tensor<2x8x4x16xf32>
// CHECK-DAG: %[[GW:.+]] = ds.cast %[[G]] {ds.backward, ds.block = 3 : i64}
// CHECK: %[[P:.+]] = ds.mul %[[YW]], %[[GW]] {ds.backward, ds.block = 3 : i64}
// CHECK: %[[D:.+]] = ds.sum %[[P]] {ds.backward, ds.block = 3 : i64, trailing} : tensor<2x8x4x16xf32> -> tensor<2x8x4xf32>
// CHECK: %[[DQ:.+]], %[[DK:.+]], %[[DV:.+]] = ds.flash_attention_grad %[[Q]], %[[K]], %[[V]], %[[G]], %[[L]], %[[D]] scale 2.500000e-01 {causal, ds.backward, ds.block = 3 : i64}
// CHECK: return %[[Y]], %[[DQ]], %[[DK]], %[[DV]]
func.func @step(%q: !q, %k: !k, %v: !k, %g: !q) -> (!q, !q, !k, !k) {
  %y = ds.attention %q, %k, %v scale 0.25 {causal, ds.block = 3 : i64} : !q, !k, !k
  %dq, %dk, %dv = ds.attention_grad %q, %k, %v, %g scale 0.25 {causal, ds.backward, ds.block = 3 : i64} : !q, !k, !k
  return %y, %dq, %dk, %dv : !q, !q, !k, !k
}

// Without a gradient the statistic is for nobody.
// CHECK-LABEL: func @forward
// CHECK-NEXT: %[[R:.+]], %{{.+}} = ds.flash_attention
// CHECK-NEXT: return %[[R]]
func.func @forward(%q: !q, %k: !k) -> !q {
  %y = ds.attention %q, %k, %k scale 0.25 : !q, !k, !k
  return %y : !q
}

// A gradient of something else: its statistic is not at hand.
// CHECK-LABEL: func @other_scale
// CHECK: ds.flash_attention
// CHECK: ds.attention_grad
func.func @other_scale(%q: !q, %k: !k, %g: !q) -> (!q, !q) {
  %y = ds.attention %q, %k, %k scale 0.25 : !q, !k, !k
  %dq, %dk, %dv = ds.attention_grad %q, %k, %k, %g scale 0.5 : !q, !k, !k
  return %y, %dq : !q, !q
}

// No kernel has float32, heads of 8 or of 144 elements, a scale that turns the order of scores around, or dropout.
// CHECK-LABEL: func @none
// CHECK-NOT: flash
// CHECK: return
!f = tensor<1x4x2x16xf32>
!s = tensor<1x4x2x8xf16>
!w = tensor<1x4x2x144xf16>
!h = tensor<1x4x2x16xf16>
func.func @none(%a: !f, %b: !s, %c: !w, %d: !h, %n: tensor<i64>) -> (!f, !s, !w, !h, !h) {
  %0 = ds.attention %a, %a, %a scale 0.25 : !f, !f, !f
  %1 = ds.attention %b, %b, %b scale 0.25 : !s, !s, !s
  %2 = ds.attention %c, %c, %c scale 0.25 : !w, !w, !w
  %3 = ds.attention %d, %d, %d scale -0.25 : !h, !h, !h
  %4 = ds.attention %d, %d, %d scale 0.25 dropout <"d", 0.1> at (%n, %n, %n) : !h, !h, !h
  return %0, %1, %2, %3, %4 : !f, !s, !w, !h, !h
}
