// RUN: lamina-opt %s --lamina-pack --lamina-kernelize --split-input-file | filecheck %s
// RUN: lamina-opt %s --lamina-tile --split-input-file | filecheck %s --check-prefix=TILE

// A CPU with 16 registers of 32 bytes: 6 rows of 2 vectors of 8 lanes are added up at once, of tiles of 16 columns.
module attributes {lamina.vectors = array<i64: 32, 16>} {
  // CHECK: func.func private @rows.kernel
  // CHECK: scf.for
  // CHECK: %{{.*}}:12 = scf.for {{.*}} -> (vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>, vector<8xf32>)
  // TILE: vector_common_parallel = [4, 16, 0]
  func.func @main(%x: tensor<512x512xf32>, %y: tensor<512x512xf32>, %z: tensor<512x512xf32>) -> tensor<512x512xf32> {
    %zero = arith.constant 0.0 : f32
    %init = linalg.fill ins(%zero : f32) outs(%z : tensor<512x512xf32>) -> tensor<512x512xf32>
    %0 = linalg.generic {indexing_maps = [affine_map<(r, c, k) -> (r, k)>, affine_map<(r, c, k) -> (k, c)>, affine_map<(r, c, k) -> (r, c)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %y : tensor<512x512xf32>, tensor<512x512xf32>) outs(%init : tensor<512x512xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %o, %p : f32
      linalg.yield %s : f32
    } -> tensor<512x512xf32>
    return %0 : tensor<512x512xf32>
  }
}

// -----

// 32 registers of 16 bytes: 4 rows of 4 vectors of 4 lanes.
module attributes {lamina.vectors = array<i64: 16, 32>} {
  // CHECK: func.func private @rows.kernel
  // CHECK: %{{.*}}:16 = scf.for {{.*}} -> (vector<4xf32>,
  // TILE: vector_common_parallel = [8, 8, 0]
  func.func @main(%x: tensor<512x512xf32>, %y: tensor<512x512xf32>, %z: tensor<512x512xf32>) -> tensor<512x512xf32> {
    %zero = arith.constant 0.0 : f32
    %init = linalg.fill ins(%zero : f32) outs(%z : tensor<512x512xf32>) -> tensor<512x512xf32>
    %0 = linalg.generic {indexing_maps = [affine_map<(r, c, k) -> (r, k)>, affine_map<(r, c, k) -> (k, c)>, affine_map<(r, c, k) -> (r, c)>], iterator_types = ["parallel", "parallel", "reduction"]} ins(%x, %y : tensor<512x512xf32>, tensor<512x512xf32>) outs(%init : tensor<512x512xf32>) {
    ^bb0(%a: f32, %b: f32, %o: f32):
      %p = arith.mulf %a, %b : f32
      %s = arith.addf %o, %p : f32
      linalg.yield %s : f32
    } -> tensor<512x512xf32>
    return %0 : tensor<512x512xf32>
  }
}
