// RUN: ds-opt %s --ds-import-stablehlo --canonicalize --cse --split-input-file | FileCheck %s
//
// Long loops that count stay loops; short ones are written out; branches on
// computed values are all computed.

// As jax.lax.scan prints it: a stacked operand, a stacked result, a shared
// tensor, all of them carried in the text.
// CHECK-LABEL: func.func @loss(
// CHECK-SAME: %[[XS:.+]]: tensor<300x2xf32>
// CHECK: %[[W:.+]] = ds.read @w
// CHECK: %[[R:.+]]:2 = ds.scan 300 carry(%{{.+}}) each(%[[XS]]) shared(%[[W]])
// CHECK-SAME: : (tensor<2xf32>, tensor<300x2xf32>, tensor<2xf32>) -> (tensor<2xf32>, tensor<300x2xf32>)
// CHECK-NEXT: ^bb0(%{{.+}}: tensor<i64>, %[[H:.+]]: tensor<2xf32>, %[[X:.+]]: tensor<2xf32>, %[[V:.+]]: tensor<2xf32>):
// CHECK-NEXT: %[[A:.+]] = ds.mul %[[H]], %[[V]]
// CHECK-NEXT: %[[B:.+]] = ds.add %[[A]], %[[X]]
// CHECK-NEXT: ds.yield %[[B]], %[[A]]
func.func @main(%w: tensor<2xf32> {ds.kind = "parameter", ds.name = "w"},
                %xs: tensor<300x2xf32> {ds.kind = "input"}) -> tensor<f32> {
  %zero = stablehlo.constant dense<0.0> : tensor<f32>
  %h = stablehlo.broadcast_in_dim %zero, dims = [] : (tensor<f32>) -> tensor<2xf32>
  %ys = stablehlo.broadcast_in_dim %zero, dims = [] : (tensor<f32>) -> tensor<300x2xf32>
  %c = stablehlo.constant dense<0> : tensor<i32>
  %0:5 = stablehlo.while(%a = %xs, %b = %w, %i = %c, %h0 = %h, %y0 = %ys)
      : tensor<300x2xf32>, tensor<2xf32>, tensor<i32>, tensor<2xf32>, tensor<300x2xf32>
  cond {
    %n = stablehlo.constant dense<300> : tensor<i32>
    %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = func.call @entry(%a, %i) : (tensor<300x2xf32>, tensor<i32>) -> tensor<2xf32>
    %2 = stablehlo.multiply %h0, %b : tensor<2xf32>
    %3 = stablehlo.add %2, %1 : tensor<2xf32>
    %4 = stablehlo.broadcast_in_dim %2, dims = [1] : (tensor<2xf32>) -> tensor<1x2xf32>
    %z = stablehlo.constant dense<0> : tensor<i32>
    %5 = stablehlo.dynamic_update_slice %y0, %4, %i, %z
        : (tensor<300x2xf32>, tensor<1x2xf32>, tensor<i32>, tensor<i32>) -> tensor<300x2xf32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %6 = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %a, %b, %6, %3, %5
        : tensor<300x2xf32>, tensor<2xf32>, tensor<i32>, tensor<2xf32>, tensor<300x2xf32>
  }
  %1 = stablehlo.reduce(%0#4 init: %zero) applies stablehlo.add across dimensions = [0, 1]
      : (tensor<300x2xf32>, tensor<f32>) -> tensor<f32>
  %2 = stablehlo.reduce(%0#3 init: %zero) applies stablehlo.add across dimensions = [0]
      : (tensor<2xf32>, tensor<f32>) -> tensor<f32>
  %3 = stablehlo.add %1, %2 : tensor<f32>
  return %3 : tensor<f32>
}
func.func private @entry(%a: tensor<300x2xf32>, %i: tensor<i32>) -> tensor<2xf32> {
  %z = stablehlo.constant dense<0> : tensor<i32>
  %0 = stablehlo.dynamic_slice %a, %i, %z, sizes = [1, 2]
      : (tensor<300x2xf32>, tensor<i32>, tensor<i32>) -> tensor<1x2xf32>
  %1 = stablehlo.reshape %0 : (tensor<1x2xf32>) -> tensor<2xf32>
  return %1 : tensor<2xf32>
}

// -----

// scan(reverse=True) counts up and slices at 99 - i, of a part of a longer
// tensor; what is in front of the stacked result is what was there before.
// CHECK-LABEL: func.func @loss(
// CHECK-SAME: %[[XS:.+]]: tensor<103xf32>
// CHECK-DAG: %[[PART:.+]] = ds.window %[[XS]] dim 0 at 2 : tensor<103xf32> -> tensor<100xf32>
// CHECK: %[[R:.+]] = ds.scan 100 reversed carry(%{{.+}}) each(%[[PART]]) : (tensor<f32>, tensor<100xf32>) -> {{.+}}
// CHECK-NEXT: ^bb0(%{{.+}}: tensor<i64>, %[[H:.+]]: tensor<f32>, %[[X:.+]]: tensor<f32>):
// CHECK-NEXT: %[[A:.+]] = ds.add %[[H]], %[[X]]
// CHECK-NEXT: ds.yield %[[A]]
func.func @main(%w: tensor<f32> {ds.kind = "parameter", ds.name = "w"},
                %xs: tensor<103xf32> {ds.kind = "input"}) -> tensor<f32> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %0:2 = stablehlo.while(%i = %c, %h = %w) : tensor<i32>, tensor<f32>
  cond {
    %n = stablehlo.constant dense<100> : tensor<i32>
    %1 = stablehlo.compare NE, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %n = stablehlo.constant dense<101> : tensor<i32>
    %1 = stablehlo.subtract %n, %i : tensor<i32>
    %2 = stablehlo.dynamic_slice %xs, %1, sizes = [1] : (tensor<103xf32>, tensor<i32>) -> tensor<1xf32>
    %3 = stablehlo.reshape %2 : (tensor<1xf32>) -> tensor<f32>
    %4 = stablehlo.add %h, %3 : tensor<f32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %5 = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %5, %4 : tensor<i32>, tensor<f32>
  }
  return %0#1 : tensor<f32>
}

// -----

// fori_loop has a counter of its own beside the one that is compared; a slice
// that does not walk over the entries stays a slice.
// CHECK-LABEL: func.func @loss(
// CHECK-SAME: %[[XS:.+]]: tensor<5xf32>
// CHECK: ds.scan 697 carry(%{{.+}}) shared(%[[XS]]) : (tensor<f32>, tensor<5xf32>) -> tensor<f32>
// CHECK-NEXT: ^bb0(%[[I:.+]]: tensor<i64>, %{{.+}}: tensor<f32>, %[[V:.+]]: tensor<5xf32>):
// CHECK: ds.dynamic_slice %[[V]]
func.func @main(%w: tensor<f32> {ds.kind = "parameter", ds.name = "w"},
                %xs: tensor<5xf32> {ds.kind = "input"}) -> tensor<f32> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %three = stablehlo.constant dense<3> : tensor<i32>
  %0:3 = stablehlo.while(%i = %c, %j = %three, %h = %w) : tensor<i32>, tensor<i32>, tensor<f32>
  cond {
    %n = stablehlo.constant dense<697> : tensor<i32>
    %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %five = stablehlo.constant dense<5> : tensor<i32>
    %1 = stablehlo.remainder %j, %five : tensor<i32>
    %2 = stablehlo.dynamic_slice %xs, %1, sizes = [1] : (tensor<5xf32>, tensor<i32>) -> tensor<1xf32>
    %3 = stablehlo.reshape %2 : (tensor<1xf32>) -> tensor<f32>
    %4 = stablehlo.multiply %h, %3 : tensor<f32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %5 = stablehlo.add %i, %one : tensor<i32>
    %6 = stablehlo.add %j, %one : tensor<i32>
    stablehlo.return %5, %6, %4 : tensor<i32>, tensor<i32>, tensor<f32>
  }
  return %0#2 : tensor<f32>
}

// -----

// 3 rounds are written out.
// CHECK-LABEL: func.func @loss(
// CHECK-NOT: ds.scan
// CHECK-COUNT-3: ds.tanh
// CHECK-NOT: ds.tanh
func.func @main(%w: tensor<f32> {ds.kind = "parameter", ds.name = "w"},
                %x: tensor<f32> {ds.kind = "input"}) -> tensor<f32> {
  %c = stablehlo.constant dense<0> : tensor<i32>
  %0:2 = stablehlo.while(%i = %c, %h = %w) : tensor<i32>, tensor<f32>
  cond {
    %n = stablehlo.constant dense<3> : tensor<i32>
    %1 = stablehlo.compare LT, %i, %n, SIGNED : (tensor<i32>, tensor<i32>) -> tensor<i1>
    stablehlo.return %1 : tensor<i1>
  } do {
    %1 = stablehlo.tanh %h : tensor<f32>
    %one = stablehlo.constant dense<1> : tensor<i32>
    %2 = stablehlo.add %i, %one : tensor<i32>
    stablehlo.return %2, %1 : tensor<i32>, tensor<f32>
  }
  %1 = stablehlo.add %0#1, %x : tensor<f32>
  return %1 : tensor<f32>
}

// -----

// CHECK-LABEL: func.func @loss(
// CHECK-SAME: %[[X:.+]]: tensor<f32> {{.+}}, %[[N:.+]]: tensor<i32>
// CHECK: %[[W:.+]] = ds.read @w
// CHECK: %[[FIRST:.+]] = ds.compare "eq" %[[N]], %{{.+}} : {{.+}}
// CHECK: %[[LAST:.+]] = ds.not %[[FIRST]]
// CHECK: %[[G:.+]] = ds.guard %[[LAST]], %[[W]]
// CHECK: %[[LOG:.+]] = ds.log %[[G]]
// CHECK: %[[F:.+]] = ds.guard %[[FIRST]], %[[W]]
// CHECK: %[[E:.+]] = ds.exp %[[F]]
// CHECK: ds.select %[[FIRST]], %[[E]], %[[LOG]]
func.func @main(%w: tensor<f32> {ds.kind = "parameter", ds.name = "w"},
                %x: tensor<f32> {ds.kind = "input"},
                %n: tensor<i32> {ds.kind = "input"}) -> tensor<f32> {
  %0 = "stablehlo.case"(%n) ({
    %1 = stablehlo.exponential %w : tensor<f32>
    stablehlo.return %1 : tensor<f32>
  }, {
    %1 = stablehlo.log %w : tensor<f32>
    stablehlo.return %1 : tensor<f32>
  }) : (tensor<i32>) -> tensor<f32>
  %1 = stablehlo.add %0, %x : tensor<f32>
  return %1 : tensor<f32>
}
