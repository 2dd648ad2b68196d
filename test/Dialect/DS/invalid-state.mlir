// RUN: ds-opt %s -split-input-file -verify-diagnostics
//
// Each check of state ops and attributes says what it expects and what it got.

// expected-error @below {{'ds.parameter' op expects a static shape below 2^63 elements, but got 'tensor<?xf32>'}}
ds.parameter @parameter_static : tensor<?xf32> = #ds.fill<0.0>

// -----

// expected-error @below {{'ds.parameter' op expects a static shape below 2^63 elements, but got 'tensor<4294967296x4294967296xf32>'}}
ds.parameter @parameter_huge : tensor<4294967296x4294967296xf32> = #ds.fill<0.0>

// -----

// expected-error @below {{'ds.parameter' op expects role 'parameter', 'frozen' or 'buffer', but got 'optimizer'}}
ds.parameter @parameter_role : tensor<2xf32> = #ds.fill<0.0> {role = "optimizer"}

// -----

// expected-error @below {{'ds.parameter' op expects a floating-point tensor, but got 'tensor<2xi32>'}}
ds.parameter @parameter_integer : tensor<2xi32> = #ds.fill<0.0>

// -----

// expected-error @below {{'ds.parameter' op expects elements of floating point, i1, i8, i16, i32 or i64, but got 'tensor<2xi7>'}}
ds.parameter @buffer_element : tensor<2xi7> = #ds.fill<0.0> {role = "buffer"}

// -----

// expected-error @below {{'ds.parameter' op expects initial values #ds.fill<value> of 'tensor<2xi32>', but got #ds.normal<1.000000e+00 : f64>}}
ds.parameter @buffer_init : tensor<2xi32> = #ds.normal<1.0> {role = "buffer"}

// -----

// expected-error @below {{'ds.parameter' op expects initial values #ds.normal<std> or #ds.fill<value>, but got 1 : i64}}
ds.parameter @parameter_init : tensor<2xf32> = 1 : i64

// -----

// expected-error @below {{'ds.unit' op expects role 'parameter', 'frozen', 'buffer', 'optimizer' or 'scalar', but got 'gradient'}}
ds.unit @unit_role "gradient" : tensor<2xf32> {members = []}

// -----

// expected-error @below {{'ds.unit' op expects a static flat or rank-0 type and at least one shard, but got 'tensor<2x2xf32>' and 1 shards}}
ds.unit @unit_flat "parameter" : tensor<2x2xf32> {members = []}

// -----

// expected-error @below {{'ds.unit' op expects a static flat or rank-0 type and at least one shard, but got 'tensor<?xf32>' and 1 shards}}
ds.unit @unit_static "parameter" : tensor<?xf32> {members = []}

// -----

// expected-error @below {{'ds.unit' op expects a static flat or rank-0 type and at least one shard, but got 'tensor<2xf32>' and 0 shards}}
ds.unit @unit_shards "parameter" : tensor<2xf32> shards 0 {members = []}

// -----

// expected-error @below {{'ds.unit' op expects initial values #ds.normal<std> or #ds.fill<value>, but got unit}}
ds.unit @unit_init "parameter" : tensor<2xf32> {members = [#ds.member<"a" at 0 : tensor<2xf32> = unit>]}

// -----

// expected-error @below {{'ds.unit' op expects ascending, disjoint members within 4 elements, but got #ds.member<"b" at 1 : tensor<2xf32> = #ds.fill<0.000000e+00 : f64>>}}
ds.unit @unit_overlap "parameter" : tensor<4xf32> {members = [
  #ds.member<"a" at 0 : tensor<2xf32> = #ds.fill<0.0>>,
  #ds.member<"b" at 1 : tensor<2xf32> = #ds.fill<0.0>>]}

// -----

// expected-error @below {{'ds.unit' op expects ascending, disjoint members within 4 elements, but got #ds.member<"a" at 9223372036854775807 : tensor<2xf32> = #ds.fill<0.000000e+00 : f64>>}}
ds.unit @unit_far "parameter" : tensor<4xf32> {members = [
  #ds.member<"a" at 9223372036854775807 : tensor<2xf32> = #ds.fill<0.0>>]}

// -----

// expected-error @below {{'ds.unit' op expects fewer than 2^63 elements, but got 4 shards of 'tensor<4611686018427387904xf32>'}}
ds.unit @unit_huge "parameter" : tensor<4611686018427387904xf32> shards 4 {members = []}

// -----

// Two shards of two elements are four in all.
// expected-error @below {{'ds.unit' op expects ascending, disjoint members within 4 elements, but got #ds.member<"a" at 2 : tensor<3xf32> = #ds.fill<0.000000e+00 : f64>>}}
ds.unit @unit_outside "parameter" : tensor<2xf32> shards 2 {members = [
  #ds.member<"a" at 2 : tensor<3xf32> = #ds.fill<0.0>>]}

// -----

// expected-error @below {{'ds.unit' op expects members of the unit's element type, but got #ds.member<"a" at 0 : tensor<2xf64> = #ds.fill<0.000000e+00 : f64>> in 'tensor<2xf32>'}}
ds.unit @unit_element "parameter" : tensor<2xf32> {members = [
  #ds.member<"a" at 0 : tensor<2xf64> = #ds.fill<0.0>>]}

// -----

func.func @parameter_parent() {
  // expected-error @below {{'ds.parameter' op expects parent op 'builtin.module'}}
  ds.parameter @p : tensor<2xf32> = #ds.fill<0.0>
  return
}

// -----

func.func @read_unknown() {
  // expected-error @below {{'ds.read' op expects a ds.parameter or ds.unit named @nothing}}
  %0 = ds.read @nothing : tensor<2xf32>
  return
}

// -----

ds.parameter @p : tensor<2xf32> = #ds.fill<0.0>
func.func @read_type() {
  // expected-error @below {{'ds.read' op expects the type of @p, 'tensor<2xf32>', but got 'tensor<3xf32>'}}
  %0 = ds.read @p : tensor<3xf32>
  return
}

// -----

func.func @write_unknown(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.write' op expects a ds.parameter or ds.unit named @write_unknown}}
  ds.write %x, @write_unknown : tensor<2xf32>
  return
}

// -----

ds.unit @u "parameter" : tensor<2xf32> shards 2 {members = []}
func.func @write_whole(%x: tensor<4xf32>) {
  // expected-error @below {{'ds.write' op expects the type of @u, 'tensor<2xf32>', but got 'tensor<4xf32>'}}
  ds.write %x, @u : tensor<4xf32>
  return
}

// -----

func.func @unflatten_rank(%x: tensor<2x2xf32>) {
  // expected-error @below {{'ds.unflatten' op expects a static rank-1 unit, but got 'tensor<2x2xf32>'}}
  %0 = ds.unflatten %x at [0] : (tensor<2x2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @unflatten_count(%x: tensor<4xf32>) {
  // expected-error @below {{'ds.unflatten' op expects one offset per tensor, but got 2 offsets for 1 tensors}}
  %0 = ds.unflatten %x at [0, 2] : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @unflatten_element(%x: tensor<4xf32>) {
  // expected-error @below {{'ds.unflatten' op expects static tensors of the unit's element type, but got 'tensor<2xf64>' in 'tensor<4xf32>'}}
  %0 = ds.unflatten %x at [0] : (tensor<4xf32>) -> tensor<2xf64>
  return
}

// -----

func.func @unflatten_outside(%x: tensor<4xf32>) {
  // expected-error @below {{'ds.unflatten' op expects ascending, disjoint tensors inside 'tensor<4xf32>', but got 'tensor<2xf32>' at 3}}
  %0 = ds.unflatten %x at [3] : (tensor<4xf32>) -> tensor<2xf32>
  return
}

// -----

// Found by the fuzzer: the sum of offset and size overflowed.
func.func @unflatten_far(%x: tensor<8xf64>) {
  // expected-error @below {{'ds.unflatten' op expects ascending, disjoint tensors inside 'tensor<8xf64>', but got 'tensor<4x2xf64>' at 9223372036854775807}}
  %0 = ds.unflatten %x at [9223372036854775807] : (tensor<8xf64>) -> tensor<4x2xf64>
  return
}

// -----

func.func @flatten_overlap(%x: tensor<2xf32>) {
  // expected-error @below {{'ds.flatten' op expects ascending, disjoint tensors inside 'tensor<4xf32>', but got 'tensor<2xf32>' at 1}}
  %0 = ds.flatten %x, %x at [0, 1] : (tensor<2xf32>, tensor<2xf32>) -> tensor<4xf32>
  return
}

// -----

func.func @micro_batch_rank(%x: tensor<4x2xi32>, %i: index) {
  // expected-error @below {{'ds.micro_batch' op expects the inputs without their first dimension, but got 'tensor<4x2xi32>' from 'tensor<4x2xi32>'}}
  %0 = ds.micro_batch %x[%i] : tensor<4x2xi32> -> tensor<4x2xi32>
  return
}

// -----

func.func @micro_batch_element(%x: tensor<4x2xi32>, %i: index) {
  // expected-error @below {{'ds.micro_batch' op expects the inputs without their first dimension, but got 'tensor<2xf32>' from 'tensor<4x2xi32>'}}
  %0 = ds.micro_batch %x[%i] : tensor<4x2xi32> -> tensor<2xf32>
  return
}

// -----

// expected-error @below {{expects one name per dimension, but got 1 names for rank 2}}
func.func private @dims_rank(tensor<?x?xf32, #ds.dims<batch>>)

// -----

// expected-error @below {{expects '_' for static dimensions and a name for dynamic ones, but got 'batch' for dimension 0}}
func.func private @dims_static(tensor<2xf32, #ds.dims<batch>>)

// -----

// expected-error @below {{expects '_' for static dimensions and a name for dynamic ones, but got '_' for dimension 1}}
func.func private @dims_dynamic(tensor<2x?xf32, #ds.dims<_, _>>)
