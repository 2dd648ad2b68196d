// RUN: ds-opt %s --ds-decompose | FileCheck %s
//
// Ops of several instructions become these; parts inherit block and direction.

!q = tensor<2x3x4x5xf32>
!k = tensor<2x3x2x5xf32>

// Heads that share a key head stand together: nothing is repeated.
// CHECK-LABEL: func @attention
// CHECK-NEXT: %[[Q:.+]] = ds.reshape %{{.+}} {ds.block = 1 : i64} : tensor<2x3x4x5xf32> -> tensor<2x3x2x2x5xf32>
// CHECK-NEXT: %[[S:.+]] = ds.dot "bsgrd,btgd->bgrst" %[[Q]], %{{.+}} {ds.block = 1 : i64}
// CHECK-NEXT: %[[P:.+]] = ds.softmax %[[S]] scale 5.000000e-01 {causal, ds.block = 1 : i64}
// CHECK-NEXT: %[[O:.+]] = ds.dot "bgrst,btgd->bsgrd" %[[P]], %{{.+}}
// CHECK-NEXT: ds.reshape %[[O]] {ds.block = 1 : i64} : tensor<2x3x2x2x5xf32> -> tensor<2x3x4x5xf32>
func.func @attention(%q: !q, %k: !k, %v: !k) -> !q {
  %0 = ds.attention %q, %k, %v scale 0.5 {causal, ds.block = 1 : i64} : !q, !k, !k
  return %0 : !q
}

// CHECK-LABEL: func @attention_grad
// CHECK: %[[P:.+]] = ds.softmax %{{.+}} scale 5.000000e-01 {ds.backward}
// CHECK: ds.dot "bgrst,bsgrd->btgd" %[[P]]
// CHECK: %[[D:.+]] = ds.softmax_grad %[[P]]
// CHECK: ds.dot "bgrst,btgd->bsgrd" %[[D]]
// CHECK: ds.dot "bgrst,bsgrd->btgd" %[[D]]
func.func @attention_grad(%q: !q, %k: !k, %v: !k, %g: !q) -> (!q, !k, !k) {
  %0:3 = ds.attention_grad %q, %k, %v, %g scale 0.5 {ds.backward} : !q, !k, !k
  return %0#0, %0#1, %0#2 : !q, !k, !k
}

!long = tensor<1x200x2x4xf32>

// Queries are taken in blocks of 128, each with the keys that it sees: there are
// never 200 x 200 scores.
// CHECK-LABEL: func @attention_blocks
// CHECK-NOT: 200x200
// CHECK: ds.window %{{.+}} dim 1 at 0 : tensor<1x200x2x1x4xf32> -> tensor<1x128x2x1x4xf32>
// CHECK: %[[P0:.+]] = ds.softmax %{{.+}} scale 5.000000e-01 {causal} : tensor<1x2x1x128x128xf32>
// CHECK: %[[O0:.+]] = ds.dot "bgrst,btgd->bsgrd" %[[P0]]
// CHECK: ds.window %{{.+}} dim 1 at 128 : tensor<1x200x2x1x4xf32> -> tensor<1x72x2x1x4xf32>
// CHECK: %[[P1:.+]] = ds.softmax %{{.+}} scale 5.000000e-01 {causal} : tensor<1x2x1x72x200xf32>
// CHECK: %[[O1:.+]] = ds.dot "bgrst,btgd->bsgrd" %[[P1]]
// CHECK: ds.stack %[[O0]], %[[O1]] dim 1
func.func @attention_blocks(%q: !long, %k: !long, %v: !long) -> !long {
  %0 = ds.attention %q, %k, %v scale 0.5 {causal} : !long, !long, !long
  return %0 : !long
}

// The last block, which sees all keys, comes first: the others add to it.
// CHECK-LABEL: func @attention_grad_blocks
// CHECK-NOT: 200x200
// CHECK: ds.softmax %{{.+}} : tensor<1x2x1x72x200xf32>
// CHECK: %[[DV:.+]] = ds.dot "bgrst,bsgrd->btgd"
// CHECK: %[[DK:.+]] = ds.dot "bgrst,bsgrd->btgd"
// CHECK: ds.softmax %{{.+}} : tensor<1x2x1x128x128xf32>
// CHECK: %[[V:.+]] = ds.dot_add %[[DV]], "bgrst,bsgrd->btgd"
// CHECK: %[[K:.+]] = ds.dot_add %[[DK]], "bgrst,bsgrd->btgd"
// CHECK: return %{{.+}}, %[[K]], %[[V]]
func.func @attention_grad_blocks(%q: !long, %k: !long, %v: !long, %g: !long) -> (!long, !long, !long) {
  %0:3 = ds.attention_grad %q, %k, %v, %g scale 0.5 {causal} : !long, !long, !long
  return %0#0, %0#1, %0#2 : !long, !long, !long
}

// CHECK-LABEL: func @layer_norm_grad
// CHECK: %[[M:.+]], %[[R:.+]] = ds.norm_stats %[[X:.+]] eps
// CHECK: %[[D:.+]] = ds.norm_input_grad %[[X]], %{{.+}}, %[[G:.+]], %[[M]], %[[R]]
// CHECK: %[[N:.+]] = ds.normalize %[[X]], %[[M]], %[[R]]
// CHECK: %[[NG:.+]] = ds.mul %[[N]], %[[G]]
// CHECK: %[[S:.+]] = ds.sum %[[NG]] : tensor<2x4xf32> -> tensor<4xf32>
// CHECK: %[[B:.+]] = ds.sum %[[G]] : tensor<2x4xf32> -> tensor<4xf32>
// CHECK: return %[[D]], %[[S]], %[[B]]
func.func @layer_norm_grad(%x: tensor<2x4xf32>, %s: tensor<4xf32>, %g: tensor<2x4xf32>)
    -> (tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %0:3 = ds.layer_norm_grad %x, %s, %g eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>
  return %0#0, %0#1, %0#2 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: func @rms_norm_grad
// CHECK: ds.norm_stats %{{.+}} eps 1.000000e-05 {rms}
// CHECK: ds.norm_input_grad {{.+}} {rms}
func.func @rms_norm_grad(%x: tensor<2x4xf32>, %s: tensor<4xf32>, %g: tensor<2x4xf32>)
    -> (tensor<2x4xf32>, tensor<4xf32>) {
  %0:2 = ds.rms_norm_grad %x, %s, %g eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>
  return %0#0, %0#1 : tensor<2x4xf32>, tensor<4xf32>
}

// The mean over all rows is taken in float64.
// CHECK-LABEL: func @cross_entropy
// CHECK-NEXT: %[[R:.+]] = ds.cross_entropy_rows
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[R]] {trailing} : tensor<3xf32> -> tensor<f64>
// CHECK-NEXT: %[[N:.+]] = ds.constant dense<3.000000e+00> : tensor<f64>
// CHECK-NEXT: %[[M:.+]] = ds.div %[[S]], %[[N]]
// CHECK-NEXT: ds.cast %[[M]] : tensor<f64> -> tensor<f32>
func.func @cross_entropy(%x: tensor<3x4xf32>, %t: tensor<3xi32>) -> tensor<f32> {
  %0 = ds.cross_entropy %x, %t : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// Units are summed in blocks of 1024, whatever the number of threads; what is
// smaller in one go; then over the ranks.
// CHECK-LABEL: func @grad_norm
// CHECK-NEXT: %[[B:.+]] = ds.reshape %{{.+}} : tensor<2048xf32> -> tensor<2x1024xf32>
// CHECK-NEXT: %[[P:.+]] = ds.sum %[[B]] {squares, trailing} : tensor<2x1024xf32> -> tensor<2xf32>
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[P]] {trailing} : tensor<2xf32> -> tensor<f64>
// CHECK-NEXT: %[[T:.+]] = ds.sum %{{.+}} {squares, trailing} : tensor<8xf32> -> tensor<f64>
// CHECK-NEXT: %[[A:.+]] = ds.add %[[S]], %[[T]]
// CHECK-NEXT: %[[R:.+]] = ds.all_reduce %[[A]] over "dp"
// CHECK-NEXT: ds.sqrt %[[R]]
func.func @grad_norm(%a: tensor<2048xf32>, %b: tensor<8xf32>) -> tensor<f64> {
  %0 = ds.grad_norm %a, %b over "dp" : tensor<2048xf32>, tensor<8xf32>
  return %0 : tensor<f64>
}

// CHECK-LABEL: func @adamw
// CHECK: ds.pow
// CHECK: ds.pow
// CHECK: ds.sqrt
// CHECK: = ds.adamw_update
func.func @adamw(%p: tensor<8xf32>, %s: tensor<f64>) -> tensor<8xf32> {
  %0:3 = ds.adamw %p, %p, %p, %p scale %s lr %s step %s {beta1 = 0.9 : f64, beta2 = 0.95 : f64,
    eps = 1.0e-8 : f64, weight_decay = 0.1 : f64} : tensor<8xf32>
  return %0#0 : tensor<8xf32>
}

// One instruction stays one op.
// CHECK-LABEL: func @keeps
// CHECK-NEXT: ds.layer_norm
// CHECK-NEXT: ds.embedding
func.func @keeps(%x: tensor<2x4xf32>, %s: tensor<4xf32>, %t: tensor<2xi32>) -> tensor<2x4xf32> {
  %0 = ds.layer_norm %x, %s, %s eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>
  %1 = ds.embedding %0, %t : (tensor<2x4xf32>, tensor<2xi32>) -> tensor<2x4xf32>
  return %1 : tensor<2x4xf32>
}
