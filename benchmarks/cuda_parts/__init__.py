"""What a CUDA machine does for this project in a quarter of an hour, part by part. `benchmarks.on_cuda` runs them."""
