// RUN: ds-opt %s --ds-make-units="small-bytes=0 groups='[#ds.group<[\"*.wpe\"]>, #ds.group<[\"auto\"], #ds.optimizer<\"lion\" {}>>, #ds.group<[\"*\"], #ds.optimizer<\"muon\" {}> others #ds.optimizer<\"adamw\" {}>>]'" | FileCheck %s --check-prefix=MUON
// RUN: ds-opt %s --ds-make-units="small-bytes=0 groups='[#ds.group<[\"h.?.b\", \"h.w*\"], #ds.optimizer<\"lamb\" {}>>, #ds.group<[\"*\"], #ds.optimizer<\"lamb\" {} lr_scale 2.0>>]'" | FileCheck %s --check-prefix=LAMB
//
// A unit has one optimizer, that of the first group with a pattern for its parameters.

// A group without optimizer is frozen.  Muon is for matrices of hidden layers: the table is looked
// up, positions are added, the head makes logits, also where a bias comes between, and one is called
// an embedding.
// MUON: ds.unit @{{.+}} "parameter" : tensor<1024xf32> {ds.optimizer = #ds.optimizer<"adamw" {}>, members = [#ds.member<"m.wte" at 0 : tensor<7x6xf32>
// MUON-SAME: #ds.member<"m.pos" at 42 : tensor<4x6xf32>
// MUON-SAME: #ds.member<"m.embedder" at 66 : tensor<6x6xf32>
// MUON-SAME: #ds.member<"head" at 102 : tensor<6x5xf32>
// MUON: ds.unit @{{.+}} "frozen" : tensor<1024xf32> {members = [#ds.member<"m.wpe" at 0
// MUON: ds.unit @{{.+}} "parameter" : tensor<1024xf32> {ds.optimizer = #ds.optimizer<"muon" {}>, members = [#ds.member<"h.w" at 0 : tensor<6x6xf32>
// MUON-SAME: #ds.member<"h.w2" at 36 : tensor<6x6xf32>
// MUON: ds.unit @{{.+}} "parameter" : tensor<1024xf32> {ds.optimizer = #ds.optimizer<"lion" {}>, members = [#ds.member<"h.0.b" at 0 : tensor<6xf32>
// MUON-SAME: #ds.member<"bias" at 6 : tensor<5xf32>
// MUON-NOT: ds.unit

// Lamb needs blocks of one tensor each.
// LAMB: ds.unit @{{.+}} "parameter" : tensor<6144xf32> {ds.optimizer = #ds.optimizer<"lamb" {} lr_scale 2.000000e+00 : f64>, members = [#ds.member<"m.wte" at 0
// LAMB-SAME: #ds.member<"m.wpe" at 1024
// LAMB-SAME: #ds.member<"m.pos" at 2048
// LAMB-SAME: #ds.member<"m.embedder" at 3072
// LAMB-SAME: #ds.member<"head" at 4096
// LAMB-SAME: #ds.member<"bias" at 5120
// LAMB: ds.unit @{{.+}} "parameter" : tensor<3072xf32> {ds.optimizer = #ds.optimizer<"lamb" {}>, members = [#ds.member<"h.w" at 0
// LAMB-SAME: #ds.member<"h.0.b" at 1024
// LAMB-SAME: #ds.member<"h.w2" at 2048
ds.parameter @m.wte : tensor<7x6xf32> = #ds.normal<0.02>
ds.parameter @m.wpe : tensor<4x6xf32> = #ds.normal<0.02>
ds.parameter @m.pos : tensor<4x6xf32> = #ds.normal<0.02>
ds.parameter @m.embedder : tensor<6x6xf32> = #ds.normal<0.02>
ds.parameter @h.w : tensor<6x6xf32> = #ds.normal<0.02>
ds.parameter @h.0.b : tensor<6xf32> = #ds.fill<0.0>
ds.parameter @h.w2 : tensor<6x6xf32> = #ds.normal<0.02>
ds.parameter @head : tensor<6x5xf32> = #ds.normal<0.02>
ds.parameter @bias : tensor<5xf32> = #ds.fill<0.0>

func.func @loss(%ids: tensor<4xi32>, %targets: tensor<4xi32>) -> tensor<f32> attributes {ds.loss} {
  %wte = ds.read @m.wte : tensor<7x6xf32>
  %wpe = ds.read @m.wpe : tensor<4x6xf32>
  %pos = ds.read @m.pos : tensor<4x6xf32>
  %we = ds.read @m.embedder : tensor<6x6xf32>
  %w = ds.read @h.w : tensor<6x6xf32>
  %b = ds.read @h.0.b : tensor<6xf32>
  %w2 = ds.read @h.w2 : tensor<6x6xf32>
  %head = ds.read @head : tensor<6x5xf32>
  %bias = ds.read @bias : tensor<5xf32>
  %0 = ds.embedding %wte, %ids : (tensor<7x6xf32>, tensor<4xi32>) -> tensor<4x6xf32>
  %1 = ds.add %0, %wpe : tensor<4x6xf32>, tensor<4x6xf32>
  %sum = ds.add %1, %pos : tensor<4x6xf32>, tensor<4x6xf32>
  %2 = ds.dot "ij,jk->ik" %sum, %we : (tensor<4x6xf32>, tensor<6x6xf32>) -> tensor<4x6xf32>
  %3 = ds.dot "ij,jk->ik" %2, %w : (tensor<4x6xf32>, tensor<6x6xf32>) -> tensor<4x6xf32>
  %4 = ds.add %3, %b : tensor<4x6xf32>, tensor<6xf32>
  %5 = ds.dot "ij,jk->ik" %4, %w2 : (tensor<4x6xf32>, tensor<6x6xf32>) -> tensor<4x6xf32>
  %6 = ds.dot "ij,jk->ik" %5, %head : (tensor<4x6xf32>, tensor<6x5xf32>) -> tensor<4x5xf32>
  %7 = ds.add %6, %bias : tensor<4x5xf32>, tensor<5xf32>
  %8 = ds.cross_entropy %7, %targets : (tensor<4x5xf32>, tensor<4xi32>) -> tensor<f32>
  return %8 : tensor<f32>
}
