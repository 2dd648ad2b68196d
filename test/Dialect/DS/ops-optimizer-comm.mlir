// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Optimizer ops, collectives and launches print what they parse.

// CHECK-LABEL: func @adamw
func.func @adamw(%p: tensor<8xf32>, %g: tensor<8xf32>, %s: tensor<f64>) {
  // CHECK: ds.adamw %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} scale %{{.+}} lr %{{.+}} step %{{.+}} {
  // CHECK-SAME: beta1 = 9.000000e-01 : f64
  // CHECK-SAME: } : tensor<8xf32>
  %0:3 = ds.adamw %p, %p, %p, %g scale %s lr %s step %s {beta1 = 0.9 : f64, beta2 = 0.95 : f64,
    eps = 1.0e-8 : f64, weight_decay = 0.1 : f64} : tensor<8xf32>
  // CHECK: ds.adamw_update %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} scale %{{.+}} decay %{{.+}} step_size %{{.+}} correction %{{.+}} {
  // CHECK-SAME: } : tensor<8xf32>
  %1:3 = ds.adamw_update %p, %p, %p, %g scale %s decay %s step_size %s correction %s {
    beta1 = 0.9 : f64, beta2 = 0.95 : f64, eps = 1.0e-8 : f64} : tensor<8xf32>
  return
}

// CHECK-LABEL: func @grad_norm
func.func @grad_norm(%a: tensor<8xf32>, %b: tensor<4xf32>) {
  // CHECK: ds.grad_norm %{{.+}}, %{{.+}} : tensor<8xf32>, tensor<4xf32>
  %0 = ds.grad_norm %a, %b : tensor<8xf32>, tensor<4xf32>
  // CHECK: ds.grad_norm %{{.+}} over "dp" : tensor<8xf32>
  %1 = ds.grad_norm %a over "dp" : tensor<8xf32>
  return
}

// CHECK-LABEL: func @collectives
func.func @collectives(%x: tensor<8xf32>) {
  // CHECK: %[[S:.+]] = ds.reduce_scatter %{{.+}} over "dp" : tensor<8xf32> -> tensor<4xf32>
  %0 = ds.reduce_scatter %x over "dp" : tensor<8xf32> -> tensor<4xf32>
  // CHECK: ds.all_gather %[[S]] over "dp" : tensor<4xf32> -> tensor<8xf32>
  %1 = ds.all_gather %0 over "dp" : tensor<4xf32> -> tensor<8xf32>
  // CHECK: ds.all_reduce %{{.+}} over "dp" : tensor<8xf32> -> tensor<8xf32>
  %2 = ds.all_reduce %1 over "dp" : tensor<8xf32> -> tensor<8xf32>
  // CHECK: ds.local_shard %{{.+}} over "dp" : tensor<8xf32> -> tensor<4xf32>
  %3 = ds.local_shard %2 over "dp" : tensor<8xf32> -> tensor<4xf32>
  return
}

func.func private @kernel(%x: tensor<8xf32>) -> tensor<8xf32> attributes {ds.kernel} {
  %0 = ds.gelu %x : tensor<8xf32>
  return %0 : tensor<8xf32>
}

// CHECK-LABEL: func @launch
func.func @launch(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: ds.launch @kernel(%{{.+}}) : (tensor<8xf32>) -> tensor<8xf32>
  %0 = ds.launch @kernel(%x) : (tensor<8xf32>) -> tensor<8xf32>
  return %0 : tensor<8xf32>
}
