// RUN: ds-opt %s -split-input-file -pass-pipeline='builtin.module(ds-cast-precision)' | FileCheck %s
// RUN: ds-opt %s -split-input-file -pass-pipeline='builtin.module(ds-cast-precision{compute=fp16})' | FileCheck %s --check-prefix=FP16
// RUN: ds-opt %s -split-input-file -pass-pipeline='builtin.module(ds-cast-precision{master=bf16})' | FileCheck %s --check-prefix=PURE
//
// What becomes 16-bit, and where the casts stand.

// A unit is cast once, whole; products, lookups and what follows them are 16-bit; exponentials
// and the loss are not.
// CHECK: ds.unit @u "parameter" : tensor<1024xf32>
// CHECK-LABEL: func.func @loss
// CHECK: %[[U:.+]] = ds.read @u : tensor<1024xf32>
// CHECK-NEXT: %[[C:.+]] = ds.cast %[[U]] : tensor<1024xf32> -> tensor<1024xbf16>
// CHECK-NEXT: %[[W:.+]]:2 = ds.unflatten %[[C]] at [0, 66] : (tensor<1024xbf16>) -> (tensor<11x6xbf16>, tensor<6xbf16>)
// CHECK-NEXT: %[[E:.+]] = ds.embedding %[[W]]#0, %arg0 : (tensor<11x6xbf16>, tensor<2x5xi32>) -> tensor<2x5x6xbf16>
// CHECK-NEXT: %[[N:.+]] = ds.rms_norm %[[E]], %[[W]]#1 eps 1.000000e-05 : tensor<2x5x6xbf16>, tensor<6xbf16>
// CHECK-NEXT: %[[HALF:.+]] = ds.constant dense<5.000000e-01> : tensor<f32>
// CHECK-NEXT: %[[M:.+]] = ds.mul %[[N]], %[[HALF]] : tensor<2x5x6xbf16>, tensor<f32>
// CHECK-NEXT: %[[WIDE:.+]] = ds.cast %[[M]] : tensor<2x5x6xbf16> -> tensor<2x5x6xf32>
// CHECK-NEXT: %[[X:.+]] = ds.exp %[[WIDE]] : tensor<2x5x6xf32>
// CHECK-NEXT: %[[AGAIN:.+]] = ds.cast %[[X]] : tensor<2x5x6xf32> -> tensor<2x5x6xbf16>
// CHECK-NEXT: %[[L:.+]] = ds.dot "bsk,nk->bsn" %[[AGAIN]], %[[W]]#0 : (tensor<2x5x6xbf16>, tensor<11x6xbf16>) -> tensor<2x5x11xbf16>
// CHECK-NEXT: %[[LOSS:.+]] = ds.cross_entropy %[[L]], %arg0 : (tensor<2x5x11xbf16>, tensor<2x5xi32>) -> tensor<f32>
// CHECK-NEXT: return %[[LOSS]] : tensor<f32>
// FP16-LABEL: func.func @loss
// FP16: ds.cast %{{.+}} : tensor<1024xf32> -> tensor<1024xf16>
// FP16: ds.cross_entropy %{{.+}} : (tensor<2x5x11xf16>, tensor<2x5xi32>) -> tensor<f32>
// PURE: ds.unit @u "parameter" : tensor<1024xbf16> {members = [#ds.member<"wte" at 0 : tensor<11x6xbf16> = #ds.normal<2.000000e-01 : f64>>, #ds.member<"w" at 66 : tensor<6xbf16> = #ds.fill<1.000000e+00 : f64>>]}
// PURE-LABEL: func.func @loss
// PURE: %[[U:.+]] = ds.read @u : tensor<1024xbf16>
// PURE-NEXT: ds.unflatten %[[U]]
ds.unit @u "parameter" : tensor<1024xf32> {members = [
    #ds.member<"wte" at 0 : tensor<11x6xf32> = #ds.normal<0.2>>,
    #ds.member<"w" at 66 : tensor<6xf32> = #ds.fill<1.0>>]}
func.func @loss(%t: tensor<2x5xi32>) -> tensor<f32> attributes {ds.loss} {
  %u = ds.read @u : tensor<1024xf32>
  %wte, %w = ds.unflatten %u at [0, 66] : (tensor<1024xf32>) -> (tensor<11x6xf32>, tensor<6xf32>)
  %e = ds.embedding %wte, %t : (tensor<11x6xf32>, tensor<2x5xi32>) -> tensor<2x5x6xf32>
  %n = ds.rms_norm %e, %w eps 1.0e-5 : tensor<2x5x6xf32>, tensor<6xf32>
  %half = ds.constant dense<0.5> : tensor<f32>
  %m = ds.mul %n, %half : tensor<2x5x6xf32>, tensor<f32>
  %x = ds.exp %m : tensor<2x5x6xf32>
  %l = ds.dot "bsk,nk->bsn" %x, %wte : (tensor<2x5x6xf32>, tensor<11x6xf32>) -> tensor<2x5x11xf32>
  %loss = ds.cross_entropy %l, %t : (tensor<2x5x11xf32>, tensor<2x5xi32>) -> tensor<f32>
  return %loss : tensor<f32>
}

// -----

// Sums take what comes and are float32; what is written to a buffer and the buffer keep their
// type; what follows float32 stays float32, and so does a product of float64.
// CHECK: ds.unit @mean "buffer" : tensor<1024xf32>
// CHECK-LABEL: func.func @loss
// CHECK: %[[W:.+]] = ds.unflatten %{{.+}} at [0] : (tensor<1024xbf16>) -> tensor<6x4xbf16>
// CHECK-NEXT: %[[X:.+]] = ds.cast %arg0 : tensor<3x6xf32> -> tensor<3x6xbf16>
// CHECK-NEXT: %[[Y:.+]] = ds.dot "bk,kn->bn" %[[X]], %[[W]] : (tensor<3x6xbf16>, tensor<6x4xbf16>) -> tensor<3x4xbf16>
// CHECK-NEXT: %[[M:.+]] = ds.read @mean : tensor<1024xf32>
// CHECK-NEXT: %[[F:.+]] = ds.add %[[M]], %[[M]] : tensor<1024xf32>, tensor<1024xf32>
// CHECK-NEXT: %[[D:.+]] = ds.dot "bk,ck->bc" %arg1, %arg1 : (tensor<3x6xf64>, tensor<3x6xf64>) -> tensor<3x3xf64>
// CHECK-NEXT: %[[S:.+]] = ds.sum %[[Y]] : tensor<3x4xbf16> -> tensor<f32>
// CHECK-NEXT: ds.write %[[F]], @mean : tensor<1024xf32>
// CHECK-NEXT: return %[[S]] : tensor<f32>
ds.unit @v "parameter" : tensor<1024xf32> {members = [
    #ds.member<"w" at 0 : tensor<6x4xf32> = #ds.normal<0.2>>]}
ds.unit @mean "buffer" : tensor<1024xf32> {members = [
    #ds.member<"m" at 0 : tensor<4xf32> = #ds.fill<0.0>>]}
func.func @loss(%x: tensor<3x6xf32>, %wide: tensor<3x6xf64>) -> tensor<f32> attributes {ds.loss} {
  %v = ds.read @v : tensor<1024xf32>
  %w = ds.unflatten %v at [0] : (tensor<1024xf32>) -> tensor<6x4xf32>
  %y = ds.dot "bk,kn->bn" %x, %w : (tensor<3x6xf32>, tensor<6x4xf32>) -> tensor<3x4xf32>
  %m = ds.read @mean : tensor<1024xf32>
  %f = ds.add %m, %m : tensor<1024xf32>, tensor<1024xf32>
  %d = ds.dot "bk,ck->bc" %wide, %wide : (tensor<3x6xf64>, tensor<3x6xf64>) -> tensor<3x3xf64>
  %s = ds.sum %y : tensor<3x4xf32> -> tensor<f32>
  ds.write %f, @mean : tensor<1024xf32>
  return %s : tensor<f32>
}

// -----

// What a loop carries keeps its type over all rounds; what it shares comes as it is.
// CHECK-LABEL: func.func @loss
// CHECK: %[[W:.+]] = ds.unflatten %{{.+}} at [0] : (tensor<1024xbf16>) -> tensor<4x4xbf16>
// CHECK: ds.scan 3 carry(%arg0) shared(%[[W]])
// CHECK: ^bb0(%{{.+}}: tensor<i64>, %[[H:.+]]: tensor<2x4xf32>, %[[S:.+]]: tensor<4x4xbf16>):
// CHECK-NEXT: %[[C:.+]] = ds.cast %[[H]] : tensor<2x4xf32> -> tensor<2x4xbf16>
// CHECK-NEXT: %[[Y:.+]] = ds.dot "bk,kn->bn" %[[C]], %[[S]]
// CHECK-NEXT: %[[N:.+]] = ds.cast %[[Y]] : tensor<2x4xbf16> -> tensor<2x4xf32>
// CHECK-NEXT: ds.yield %[[N]] : tensor<2x4xf32>
ds.unit @v "parameter" : tensor<1024xf32> {members = [
    #ds.member<"w" at 0 : tensor<4x4xf32> = #ds.normal<0.2>>]}
func.func @loss(%x: tensor<2x4xf32>) -> tensor<f32> attributes {ds.loss} {
  %v = ds.read @v : tensor<1024xf32>
  %w = ds.unflatten %v at [0] : (tensor<1024xf32>) -> tensor<4x4xf32>
  %y = ds.scan 3 carry(%x) shared(%w) : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32> {
  ^bb0(%i: tensor<i64>, %h: tensor<2x4xf32>, %s: tensor<4x4xf32>):
    %n = ds.dot "bk,kn->bn" %h, %s : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    ds.yield %n : tensor<2x4xf32>
  }
  %s = ds.sum %y : tensor<2x4xf32> -> tensor<f32>
  return %s : tensor<f32>
}
