// RUN: ds-opt %s | ds-opt | FileCheck %s
//
// Layers, their gradients and their parts print what they parse.

// CHECK-LABEL: func @embedding
func.func @embedding(%t: tensor<5x4xf32>, %ids: tensor<2x3xi32>, %g: tensor<2x3x4xf32>) {
  // CHECK: ds.embedding %{{.+}}, %{{.+}} : (tensor<5x4xf32>, tensor<2x3xi32>) -> tensor<2x3x4xf32>
  %0 = ds.embedding %t, %ids : (tensor<5x4xf32>, tensor<2x3xi32>) -> tensor<2x3x4xf32>
  // CHECK: ds.embedding_grad %{{.+}}, %{{.+}}, %{{.+}} : (tensor<5x4xf32>, tensor<2x3xi32>, tensor<2x3x4xf32>) -> tensor<5x4xf32>
  %1 = ds.embedding_grad %t, %ids, %g : (tensor<5x4xf32>, tensor<2x3xi32>, tensor<2x3x4xf32>) -> tensor<5x4xf32>
  return
}

// CHECK-LABEL: func @norms
func.func @norms(%x: tensor<2x4xf32>, %s: tensor<4xf32>, %b: tensor<4xf32>) {
  // CHECK: ds.layer_norm %{{.+}}, %{{.+}}, %{{.+}} eps 1.000000e-05 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>
  %0 = ds.layer_norm %x, %s, %b eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>, tensor<4xf32>
  // CHECK: ds.layer_norm_grad %{{.+}}, %{{.+}}, %{{.+}} eps 1.000000e-05 : tensor<2x4xf32>, tensor<4xf32>
  %1:3 = ds.layer_norm_grad %x, %s, %0 eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>
  // CHECK: ds.rms_norm %{{.+}}, %{{.+}} eps 1.000000e-05 : tensor<2x4xf32>, tensor<4xf32>
  %2 = ds.rms_norm %x, %s eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>
  // CHECK: ds.rms_norm_grad %{{.+}}, %{{.+}}, %{{.+}} eps 1.000000e-05 : tensor<2x4xf32>, tensor<4xf32>
  %3:2 = ds.rms_norm_grad %x, %s, %2 eps 1.0e-5 : tensor<2x4xf32>, tensor<4xf32>
  return
}

// CHECK-LABEL: func @norm_parts
func.func @norm_parts(%x: tensor<2x4xf32>, %s: tensor<4xf32>, %g: tensor<2x4xf32>) {
  // CHECK: %[[M:.+]], %[[R:.+]] = ds.norm_stats %{{.+}} eps 1.000000e-05 : tensor<2x4xf32> -> tensor<2xf32>, tensor<2xf32>
  %m, %r = ds.norm_stats %x eps 1.0e-5 : tensor<2x4xf32> -> tensor<2xf32>, tensor<2xf32>
  // CHECK: ds.norm_stats %{{.+}} eps 1.000000e-05 {rms} : tensor<2x4xf32> -> tensor<2xf32>, tensor<2xf32>
  %m2, %r2 = ds.norm_stats %x eps 1.0e-5 {rms} : tensor<2x4xf32> -> tensor<2xf32>, tensor<2xf32>
  // CHECK: ds.norm_input_grad %{{.+}}, %{{.+}}, %{{.+}}, %[[M]], %[[R]] : tensor<2x4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<2xf32>, tensor<2xf32>
  %0 = ds.norm_input_grad %x, %s, %g, %m, %r
      : tensor<2x4xf32>, tensor<4xf32>, tensor<2x4xf32>, tensor<2xf32>, tensor<2xf32>
  // CHECK: ds.normalize %{{.+}}, %[[M]], %[[R]] : tensor<2x4xf32>, tensor<2xf32>, tensor<2xf32>
  %1 = ds.normalize %x, %m, %r : tensor<2x4xf32>, tensor<2xf32>, tensor<2xf32>
  return
}

// CHECK-LABEL: func @rotary
func.func @rotary(%x: tensor<2x3x2x4xf32>) {
  // CHECK: %[[C:.+]] = ds.rotary_table "cos" theta 1.000000e+04 : tensor<5x2xf32>
  %c = ds.rotary_table "cos" theta 10000.0 : tensor<5x2xf32>
  // CHECK: %[[S:.+]] = ds.rotary_table "sin" theta 1.000000e+04 : tensor<5x2xf32>
  %s = ds.rotary_table "sin" theta 10000.0 : tensor<5x2xf32>
  // CHECK: ds.rotary %{{.+}}, %[[C]], %[[S]] : tensor<2x3x2x4xf32>, tensor<5x2xf32>, tensor<5x2xf32>
  %0 = ds.rotary %x, %c, %s : tensor<2x3x2x4xf32>, tensor<5x2xf32>, tensor<5x2xf32>
  // CHECK: ds.rotary %{{.+}}, %[[C]], %[[S]] {inverse} : tensor<2x3x2x4xf32>, tensor<5x2xf32>, tensor<5x2xf32>
  %1 = ds.rotary %0, %c, %s {inverse} : tensor<2x3x2x4xf32>, tensor<5x2xf32>, tensor<5x2xf32>
  // CHECK: ds.rotary_table "cos" theta 1.000000e+04 frequencies [1.000000e+00, 2.500000e-01] : tensor<5x2xf32>
  %f = ds.rotary_table "cos" theta 10000.0 frequencies [1.0, 0.25] : tensor<5x2xf32>
  return
}

// CHECK-LABEL: func @flash_attention
func.func @flash_attention(%q: tensor<2x3x4x5xbf16>, %k: tensor<2x3x2x5xbf16>, %l: tensor<2x3x4xf32>) {
  // CHECK-NEXT: %{{.+}}, %{{.+}} = ds.flash_attention %{{.+}}, %{{.+}}, %{{.+}} scale 2.500000e-01 {causal} : tensor<2x3x4x5xbf16>, tensor<2x3x2x5xbf16>
  %0:2 = ds.flash_attention %q, %k, %k scale 0.25 {causal} : tensor<2x3x4x5xbf16>, tensor<2x3x2x5xbf16>
  // CHECK-NEXT: ds.flash_attention_grad %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} scale 2.500000e-01 : tensor<2x3x4x5xbf16>, tensor<2x3x2x5xbf16>
  %1:3 = ds.flash_attention_grad %q, %k, %k, %0#0, %0#1, %l scale 0.25 : tensor<2x3x4x5xbf16>, tensor<2x3x2x5xbf16>
  return
}

// CHECK-LABEL: func @attention
func.func @attention(%q: tensor<2x3x4x5xf32>, %k: tensor<2x3x2x5xf32>, %v: tensor<2x3x2x5xf32>) {
  // CHECK: ds.attention %{{.+}}, %{{.+}}, %{{.+}} scale 5.000000e-01 {causal} : tensor<2x3x4x5xf32>, tensor<2x3x2x5xf32>, tensor<2x3x2x5xf32>
  %0 = ds.attention %q, %k, %v scale 0.5 {causal} : tensor<2x3x4x5xf32>, tensor<2x3x2x5xf32>, tensor<2x3x2x5xf32>
  // CHECK: ds.attention_grad %{{.+}}, %{{.+}}, %{{.+}}, %{{.+}} scale 5.000000e-01 : tensor<2x3x4x5xf32>, tensor<2x3x2x5xf32>, tensor<2x3x2x5xf32>
  %1:3 = ds.attention_grad %q, %k, %v, %0 scale 0.5 : tensor<2x3x4x5xf32>, tensor<2x3x2x5xf32>, tensor<2x3x2x5xf32>
  return
}

// CHECK-LABEL: func @softmax
func.func @softmax(%x: tensor<3x4xf32>, %g: tensor<3x4xf32>) {
  // CHECK: ds.softmax %{{.+}} scale 5.000000e-01 {causal} : tensor<3x4xf32>
  %0 = ds.softmax %x scale 0.5 {causal} : tensor<3x4xf32>
  // CHECK: ds.softmax_grad %{{.+}}, %{{.+}} scale 5.000000e-01 : tensor<3x4xf32>
  %1 = ds.softmax_grad %0, %g scale 0.5 : tensor<3x4xf32>
  return
}

// CHECK-LABEL: func @cross_entropy
func.func @cross_entropy(%x: tensor<3x4xf32>, %t: tensor<3xi32>, %g: tensor<f32>) {
  // CHECK: ds.cross_entropy %{{.+}}, %{{.+}} : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  %0 = ds.cross_entropy %x, %t : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  // CHECK: ds.cross_entropy_rows %{{.+}}, %{{.+}} : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<3xf32>
  %1 = ds.cross_entropy_rows %x, %t : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<3xf32>
  // CHECK: ds.cross_entropy_grad %{{.+}}, %{{.+}}, %{{.+}} : tensor<3x4xf32>, tensor<3xi32>, tensor<f32>
  %2 = ds.cross_entropy_grad %x, %t, %g : tensor<3x4xf32>, tensor<3xi32>, tensor<f32>
  // CHECK: ds.cross_entropy_grad %{{.+}}, %{{.+}}, %{{.+}} of 12 rows : tensor<3x4xf32>, tensor<3xi32>, tensor<f32>
  %3 = ds.cross_entropy_grad %x, %t, %g of 12 rows : tensor<3x4xf32>, tensor<3xi32>, tensor<f32>
  // CHECK: ds.cross_entropy %{{.+}}, %{{.+}} ignore -1 classes 3 : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  %4 = ds.cross_entropy %x, %t ignore -1 classes 3 : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<f32>
  // CHECK: ds.cross_entropy_rows %{{.+}}, %{{.+}} classes 3 : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<3xf32>
  %5 = ds.cross_entropy_rows %x, %t classes 3 : (tensor<3x4xf32>, tensor<3xi32>) -> tensor<3xf32>
  // CHECK: ds.cross_entropy_grad %{{.+}}, %{{.+}}, %{{.+}} of 12 rows classes 3 : tensor<3x4xf32>, tensor<3xi32>, tensor<f32>
  %6 = ds.cross_entropy_grad %x, %t, %g of 12 rows classes 3 : tensor<3x4xf32>, tensor<3xi32>, tensor<f32>
  return
}
