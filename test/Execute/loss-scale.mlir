// RUN: ds-exec %s --after=ds-decompose --worlds=1 --entry=step --steps=40 | FileCheck %s
//
// The scalar arithmetic of a loss scale is its rule: 40 steps of two state machines, in which
// every third, fifth and sixth step overflows.

// CHECK: world 1: equal: 6 results x 40 steps, 7 tensors

ds.unit @n "scalar" : tensor<f64> {members = [#ds.member<"n" at 0 : tensor<f64> = #ds.fill<1.0>>]}
ds.unit @s "scalar" : tensor<f64> {members = [#ds.member<"s" at 0 : tensor<f64> = #ds.fill<16.0>>]}
ds.unit @h "scalar" : tensor<f64> {members = [#ds.member<"h" at 0 : tensor<f64> = #ds.fill<3.0>>]}
ds.unit @g "scalar" : tensor<f64> {members = [#ds.member<"g" at 0 : tensor<f64> = #ds.fill<0.0>>]}
ds.unit @s2 "scalar" : tensor<f64> {members = [#ds.member<"s2" at 0 : tensor<f64> = #ds.fill<6.0>>]}
ds.unit @h2 "scalar" : tensor<f64> {members = [#ds.member<"h2" at 0 : tensor<f64> = #ds.fill<2.0>>]}
ds.unit @g2 "scalar" : tensor<f64> {members = [#ds.member<"g2" at 0 : tensor<f64> = #ds.fill<0.0>>]}
func.func private @is_multiple(%n: tensor<f64>, %of: tensor<f64>) -> tensor<f64> {
  %r = ds.rem %n, %of : tensor<f64>, tensor<f64>
  %one = ds.constant dense<1.0> : tensor<f64>
  %least = ds.min %r, %one : tensor<f64>, tensor<f64>
  %is = ds.sub %one, %least : tensor<f64>, tensor<f64>
  return %is : tensor<f64>
}
func.func @step() -> (tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>) {
  %n = ds.read @n : tensor<f64>
  %one = ds.constant dense<1.0> : tensor<f64>
  %three = ds.constant dense<3.0> : tensor<f64>
  %seven = ds.constant dense<7.0> : tensor<f64>
  %third = call @is_multiple(%n, %three) : (tensor<f64>, tensor<f64>) -> tensor<f64>
  %seventh = call @is_multiple(%n, %seven) : (tensor<f64>, tensor<f64>) -> tensor<f64>
  %s = ds.read @s : tensor<f64>
  %h = ds.read @h : tensor<f64>
  %g = ds.read @g : tensor<f64>
  %a:4 = ds.next_loss_scale %s, %h, %g overflow %third
      <initial = 16.0, window = 2, hysteresis = 3, consecutive = false, smallest = 2.0>
  %s2 = ds.read @s2 : tensor<f64>
  %h2 = ds.read @h2 : tensor<f64>
  %g2 = ds.read @g2 : tensor<f64>
  %b:4 = ds.next_loss_scale %s2, %h2, %g2 overflow %seventh
      <initial = 6.0, window = 3, hysteresis = 1, consecutive = true, smallest = 4.0>
  ds.write %a#0, @s : tensor<f64>
  ds.write %a#1, @h : tensor<f64>
  ds.write %a#2, @g : tensor<f64>
  ds.write %b#0, @s2 : tensor<f64>
  ds.write %b#1, @h2 : tensor<f64>
  ds.write %b#2, @g2 : tensor<f64>
  %next = ds.add %n, %one : tensor<f64>, tensor<f64>
  ds.write %next, @n : tensor<f64>
  return %a#0, %a#1, %a#3, %b#0, %b#1, %b#3
      : tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>, tensor<f64>
}
