// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// State ops and attributes print what they parse.

// CHECK: ds.parameter @wte.weight : tensor<5x4xf32> = #ds.normal<2.000000e-02 : f64>
ds.parameter @wte.weight : tensor<5x4xf32> = #ds.normal<0.02>
// CHECK: ds.parameter @scale : tensor<4xf32> = #ds.fill<1.000000e+00 : f64>
ds.parameter @scale : tensor<4xf32> = #ds.fill<1.0>

// What is trained is the usual case and not printed.
// CHECK: ds.parameter @plain : tensor<4xf32> = #ds.fill<1.000000e+00 : f64>{{$}}
ds.parameter @plain : tensor<4xf32> = #ds.fill<1.0> {role = "parameter"}
// CHECK: ds.parameter @kept : tensor<4xf32> = #ds.fill<1.000000e+00 : f64> {role = "frozen"}
ds.parameter @kept : tensor<4xf32> = #ds.fill<1.0> {role = "frozen"}
// CHECK: ds.parameter @count : tensor<i32> = #ds.fill<0.000000e+00 : f64> {role = "buffer"}
ds.parameter @count : tensor<i32> = #ds.fill<0.0> {role = "buffer"}

// CHECK: ds.unit @whole "parameter" : tensor<8xf32> {members =
// CHECK-SAME: [#ds.member<"a" at 0 : tensor<2x3xf32> = #ds.normal<2.000000e-02 : f64>>,
// CHECK-SAME: #ds.member<"b" at 6 : tensor<f32> = #ds.fill<1.000000e+00 : f64>>]}
ds.unit @whole "parameter" : tensor<8xf32> {members = [
  #ds.member<"a" at 0 : tensor<2x3xf32> = #ds.normal<0.02>>,
  #ds.member<"b" at 6 : tensor<f32> = #ds.fill<1.0>>]}
// Members lie in the whole unit, which is two shards of four here.
// CHECK: ds.unit @shard "optimizer" : tensor<4xf32> shards 2 {members =
ds.unit @shard "optimizer" : tensor<4xf32> shards 2 {members = [
  #ds.member<"c" at 2 : tensor<6xf32> = #ds.fill<0.0>>]}
// One shard is the default and is not printed.
// CHECK: ds.unit @step "scalar" : tensor<i64> {members =
ds.unit @step "scalar" : tensor<i64> shards 1 {members = [
  #ds.member<"step" at 0 : tensor<i64> = #ds.fill<0.0>>]}

// CHECK-LABEL: func @read_and_write
func.func @read_and_write() {
  // CHECK: %[[W:.+]] = ds.read @whole : tensor<8xf32>
  %0 = ds.read @whole : tensor<8xf32>
  // CHECK: ds.write %[[W]], @whole : tensor<8xf32>
  ds.write %0, @whole : tensor<8xf32>
  // CHECK: ds.read @wte.weight : tensor<5x4xf32>
  %1 = ds.read @wte.weight : tensor<5x4xf32>
  return
}

// CHECK-LABEL: func @flat_views
func.func @flat_views(%flat: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: %[[V:.+]]:2 = ds.unflatten %{{.+}} at [0, 6] : (tensor<8xf32>) -> (tensor<2x3xf32>, tensor<f32>)
  %0:2 = ds.unflatten %flat at [0, 6] : (tensor<8xf32>) -> (tensor<2x3xf32>, tensor<f32>)
  // CHECK: ds.flatten %[[V]]#0, %[[V]]#1 at [0, 6] : (tensor<2x3xf32>, tensor<f32>) -> tensor<8xf32>
  %1 = ds.flatten %0#0, %0#1 at [0, 6] : (tensor<2x3xf32>, tensor<f32>) -> tensor<8xf32>
  return %1 : tensor<8xf32>
}

// CHECK-LABEL: func @barriers
func.func @barriers(%x: tensor<2xf32>, %y: tensor<3xf64>) -> tensor<2xf32> {
  // CHECK: %[[B:.+]] = ds.barrier %{{.+}} 0 : tensor<2xf32>
  %0 = ds.barrier %x 0 : tensor<2xf32>
  // CHECK: ds.barrier %[[B]] 1 after %{{.+}} : tensor<3xf64> : tensor<2xf32>
  %1 = ds.barrier %0 1 after %y : tensor<3xf64> : tensor<2xf32>
  return %1 : tensor<2xf32>
}

// CHECK-LABEL: func @stopped
func.func @stopped(%x: tensor<2xf32>) -> tensor<2xf32> {
  // CHECK: ds.stop_gradient %{{.+}} : tensor<2xf32>
  %0 = ds.stop_gradient %x : tensor<2xf32>
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: func @micro_batch
func.func @micro_batch(%inputs: tensor<3x2x5xi32>, %i: index) -> tensor<2x5xi32> {
  // CHECK: ds.micro_batch %{{.+}}[%{{.+}}] : tensor<3x2x5xi32> -> tensor<2x5xi32>
  %0 = ds.micro_batch %inputs[%i] : tensor<3x2x5xi32> -> tensor<2x5xi32>
  return %0 : tensor<2x5xi32>
}

// CHECK-LABEL: func @constants
func.func @constants() -> (tensor<2xf32>, tensor<i64>) {
  // CHECK: ds.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  %0 = ds.constant dense<[1.0, 2.0]> : tensor<2xf32>
  // CHECK: ds.constant {ds.block = 3 : i64} dense<7> : tensor<i64>
  %1 = ds.constant {ds.block = 3 : i64} dense<7> : tensor<i64>
  return %0, %1 : tensor<2xf32>, tensor<i64>
}

// CHECK-LABEL: func @named_dimensions
// CHECK-SAME: tensor<?x?x4xf32, #ds.dims<batch, seq, _>>
func.func @named_dimensions(%x: tensor<?x?x4xf32, #ds.dims<batch, seq, _>>) {
  return
}
