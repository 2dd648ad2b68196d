// RUN: ds-opt %s --ds-make-units='small-bytes=32 large-bytes=4096' | FileCheck %s
// RUN: ds-opt %s --ds-make-units='small-bytes=0 large-bytes=1000000 shards=3' \
// RUN:   | FileCheck %s --check-prefix=SHARDS
//
// Parameters become views of flat units: a block is a unit, a large table one
// of its own, and what is small joins the next one.

// Used first and large; read twice, viewed once.
// What the loss does not read is left alone.
// CHECK: ds.parameter @unread
// CHECK: ds.unit @wte "parameter" : tensor<1024xf32> {members =
// CHECK-SAME: [#ds.member<"wte" at 0 : tensor<256x4xf32> = #ds.normal<2.000000e-02 : f64>>]}
// The small position table joins the first block, which keeps its name.
// CHECK-NEXT: ds.unit @h.0 "parameter" : tensor<1024xf32> {members =
// CHECK-SAME: "wpe" at 0 : tensor<4xf32>
// CHECK-SAME: "h.0.a.w" at 4 : tensor<4x4xf32>
// CHECK-SAME: "h.0.a.b" at 20 : tensor<4xf32>
// CHECK-SAME: "h.0.c" at 24 : tensor<4xf32>
// CHECK-NEXT: ds.unit @h.1 "parameter" : tensor<1024xf32>
// CHECK-SAME: "h.1.a.w" at 0 : tensor<4x4xf32>
// A small rest joins the unit before it.
// CHECK-SAME: "h.1.a.b" at 16 : tensor<4xf32>
// CHECK-SAME: "h.1.c" at 20 : tensor<4xf32>
// CHECK-SAME: "norm" at 24 : tensor<4xf32>
// CHECK-NOT: {{ds.unit|ds.parameter}}
// CHECK-LABEL: func @loss

// Units are whole blocks of 1024 elements for each of three shards.  Without a
// bound for small ones the first use alone decides.
// SHARDS: ds.unit @unit "parameter" : tensor<3072xf32>
// SHARDS-SAME: "wte" at 0
// SHARDS-SAME: "wpe" at 1024
// SHARDS-NEXT: ds.unit @h.0 "parameter" : tensor<3072xf32>
// SHARDS-NEXT: ds.unit @h.1 "parameter" : tensor<3072xf32>
// SHARDS-NEXT: ds.unit @norm "parameter" : tensor<3072xf32>
// SHARDS-NOT: ds.unit
ds.parameter @norm : tensor<4xf32> = #ds.fill<1.0>
ds.parameter @unread : tensor<4xf32> = #ds.fill<1.0>
ds.parameter @wte : tensor<256x4xf32> = #ds.normal<0.02>
ds.parameter @wpe : tensor<4xf32> = #ds.normal<0.02>
ds.parameter @h.0.a.w : tensor<4x4xf32> = #ds.normal<0.02>
ds.parameter @h.0.a.b : tensor<4xf32> = #ds.fill<0.0>
ds.parameter @h.0.c : tensor<4xf32> = #ds.fill<0.0>
ds.parameter @h.1.a.w : tensor<4x4xf32> = #ds.normal<0.02>
ds.parameter @h.1.a.b : tensor<4xf32> = #ds.fill<0.0>
ds.parameter @h.1.c : tensor<4xf32> = #ds.fill<0.0>

func.func @loss(%ids: tensor<3xi32>) -> tensor<f32> attributes {ds.loss} {
  // CHECK-DAG: %[[U:.+]] = ds.read @wte : tensor<1024xf32>
  // CHECK-DAG: %[[WTE:.+]] = ds.unflatten %[[U]] at [0] : (tensor<1024xf32>) -> tensor<256x4xf32>
  // CHECK-DAG: %[[H:.+]] = ds.read @h.0 : tensor<1024xf32>
  // CHECK-DAG: %[[V:.+]]:4 = ds.unflatten %[[H]] at [0, 4, 20, 24]
  %wte = ds.read @wte : tensor<256x4xf32>
  // CHECK: ds.embedding %[[WTE]]
  %x = ds.embedding %wte, %ids : (tensor<256x4xf32>, tensor<3xi32>) -> tensor<3x4xf32>
  %wpe = ds.read @wpe : tensor<4xf32>
  // CHECK: ds.add %{{.+}}, %[[V]]#0
  %x1 = ds.add %x, %wpe : tensor<3x4xf32>, tensor<4xf32>
  %a = ds.read @h.0.a.w : tensor<4x4xf32>
  %b = ds.read @h.0.a.b : tensor<4xf32>
  %c = ds.read @h.0.c : tensor<4xf32>
  // CHECK: ds.dot "ik,kj->ij" %{{.+}}, %[[V]]#1
  %x2 = ds.dot "ik,kj->ij" %x1, %a {ds.block = 0 : i64}
    : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32>
  %x3 = ds.add %x2, %b {ds.block = 0 : i64} : tensor<3x4xf32>, tensor<4xf32>
  %x4 = ds.add %x3, %c {ds.block = 0 : i64} : tensor<3x4xf32>, tensor<4xf32>
  %a1 = ds.read @h.1.a.w : tensor<4x4xf32>
  %x5 = ds.dot "ik,kj->ij" %x4, %a1 {ds.block = 1 : i64}
    : (tensor<3x4xf32>, tensor<4x4xf32>) -> tensor<3x4xf32>
  %b1 = ds.read @h.1.a.b : tensor<4xf32>
  %c1 = ds.read @h.1.c : tensor<4xf32>
  %x51 = ds.add %x5, %b1 {ds.block = 1 : i64} : tensor<3x4xf32>, tensor<4xf32>
  %x52 = ds.add %x51, %c1 {ds.block = 1 : i64} : tensor<3x4xf32>, tensor<4xf32>
  %n = ds.read @norm : tensor<4xf32>
  %x6 = ds.mul %x52, %n : tensor<3x4xf32>, tensor<4xf32>
  // A tied head is the same view again.
  %tied = ds.read @wte : tensor<256x4xf32>
  // CHECK: ds.dot "ik,vk->iv" %{{.+}}, %[[WTE]]
  %l = ds.dot "ik,vk->iv" %x6, %tied : (tensor<3x4xf32>, tensor<256x4xf32>) -> tensor<3x256xf32>
  %loss = ds.cross_entropy %l, %ids : (tensor<3x256xf32>, tensor<3xi32>) -> tensor<f32>
  return %loss : tensor<f32>
}
